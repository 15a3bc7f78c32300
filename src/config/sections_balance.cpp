// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "balance/balancer.hpp"
#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::array<std::string_view, 1> expressions{"src"};
constexpr std::array<std::string_view, 2> hash_types{"map-based", "consistent"};
constexpr std::array<std::string_view, 4> hash_functions{"sdbm", "djb2", "wt6", "crc32"};
constexpr std::array<std::string_view, 2> hash_modifiers{"none", "avalanche"};

std::span<const std::string_view> expression_words() {
  return expressions;
}
std::span<const std::string_view> hash_type_words() {
  return hash_types;
}
std::span<const std::string_view> hash_function_words() {
  return hash_functions;
}
std::span<const std::string_view> hash_modifier_words() {
  return hash_modifiers;
}

// --- balance

bool is_algorithm(const void* balance, std::string_view name) {
  return static_cast<const Balance*>(balance)->algorithm == balance::find(name);
}

constexpr Condition random_only{"algorithm",
                                [](const void* balance) { return is_algorithm(balance, "random"); },
                                "the algorithm is random"};
constexpr Condition hash_only{"algorithm", [](const void* balance) { return is_algorithm(balance, "hash"); },
                              "the algorithm is hash"};

constexpr Field balance_fields[] = {
    row::value<&Balance::algorithm>("algorithm", as_index_word, "roundrobin", "The algorithm.", {},
                                    algorithm_words),
    row::value<&Balance::draws>("draws", as_count, "2",
                                "Servers drawn for each connection, the least loaded of which is taken.",
                                {1, balance::draws_max})
        .only_if(random_only),
    row::value<&Balance::expression>(
        "expression", as_word<HashExpression>(), "src",
        "What is hashed. src is the client's IP address: 4 bytes, or 16 of IPv6.", {}, expression_words)
        .only_if(hash_only),
};

// --- hash

/// The algorithm decides, which stands beside the hash: complete_hash() refuses a function that is given.
constexpr Condition named_function_only{"type",
                                        [](const void* hash) {
                                          return static_cast<const balance::Hash*>(hash)->function !=
                                                 balance::HashFunction::xor_words;
                                        },
                                        "the algorithm is one of hash, uri, url_param and hdr"};

constexpr Field hash_fields[] = {
    row::value<&balance::Hash::type>("type", as_word<balance::HashType>(), "map-based",
                                     "map-based shares evenly by weight and moves most clients when a server "
                                     "goes or comes; consistent moves "
                                     "that server's clients only and shares less evenly.",
                                     {}, hash_type_words),
    row::value<&balance::Hash::function>(
        "function", as_word<balance::HashFunction>(), "sdbm",
        "The hash function. For source there is none to choose, as in HAProxy.", {}, hash_function_words)
        .only_if(named_function_only),
    row::value<&balance::Hash::modifier>("modifier", as_word<balance::HashModifier>(), "none",
                                         "avalanche mixes the bits of the hash once more.", {},
                                         hash_modifier_words)
        .with_note("avalanche if the type is consistent and no function is given, as in HAProxy; else none"),
};

void forget_inherited(void* hash, const void*) {
  *static_cast<balance::Hash*>(hash) = {};
}

/// Connections have no URI, and no header fields.
void refuse_without_requests(DecodeContext& context, const Node& node, const std::string& path,
                             const BackendDraft& backend) {
  const balance::Algorithm& algorithm = balance::registry()[backend.balance.algorithm];
  if (!algorithm.http_only || backend.mode != Mode::tcp) return;
  const Node* own = node.find("balance");
  context.report.error(own != nullptr ? own->position : node.key_position, path_key(path, "balance"),
                       fmt::format("balance {} looks at requests: it needs mode http", algorithm.name));
}

void complete_modifier(DecodeContext&, const Node& node, const std::string&, void* object, const void*) {
  auto& hash = *static_cast<balance::Hash*>(object);
  if (node.find("modifier") != nullptr || node.find("function") != nullptr) return;
  if (hash.type == balance::HashType::consistent) hash.modifier = balance::HashModifier::avalanche;
}

}  // namespace

const Section balance_section{
    .help = "How a server is chosen for a connection, or in mode http for a request.",
    .fields = balance_fields,
    .shorthand = "algorithm"};
const Section hash_section{
    .help =
        "How algorithms that hash come from a client to a server, as HAProxy's hash-type: "
        "the same clients go to the same servers as there.",
    .fields = hash_fields,
    .prepare = forget_inherited,
    .finish = complete_modifier,
    .shorthand = "type"};

bool is_hashing(const Balance& balance) {
  return balance::registry()[balance.algorithm].key_hash != nullptr;
}

void complete_balance(DecodeContext& context, const Node& node, const std::string& path,
                      BackendDraft& backend) {
  refuse_without_requests(context, node, path, backend);
  if (!is_algorithm(&backend.balance, "source")) return;
  backend.hash.function = balance::HashFunction::xor_words;
  const Node* hash = node.find("hash");
  const Node* function = hash == nullptr ? nullptr : hash->find("function");
  if (function == nullptr) return;
  context.report.error(function->key_position, path_key(path_key(path, "hash"), "function"),
                       "has no effect: balance source hashes in its own way");
}

std::span<const std::string_view> algorithm_words() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> names;
    for (const balance::Algorithm& algorithm : balance::registry()) names.push_back(algorithm.name);
    return names;
  }();
  return words;
}

}  // namespace corelane::config
