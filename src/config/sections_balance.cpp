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
constexpr Condition uri_only{"algorithm", [](const void* balance) { return is_algorithm(balance, "uri"); },
                             "the algorithm is uri"};
constexpr Condition url_param_only{"algorithm",
                                   [](const void* balance) { return is_algorithm(balance, "url_param"); },
                                   "the algorithm is url_param"};
constexpr Condition hdr_only{"algorithm", [](const void* balance) { return is_algorithm(balance, "hdr"); },
                             "the algorithm is hdr"};

constexpr std::int64_t uri_part_max = 65'535;

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
    row::value<&Balance::len>("len", as_count, "0", "Only so many bytes of the URI count; 0: all of them.",
                              {0, uri_part_max})
        .only_if(uri_only),
    row::value<&Balance::depth>("depth", as_count, "0",
                                "Only so many directories of the URI count; 0: all of them.",
                                {0, uri_part_max})
        .only_if(uri_only),
    row::value<&Balance::whole>("whole", as_boolean, "false", "The URI's query counts too.")
        .only_if(uri_only),
    row::value<&Balance::path_only>(
        "path_only", as_boolean, "false",
        "Of an absolute URI, as clients send it to proxies, scheme and host do not count.")
        .only_if(uri_only),
    row::value<&Balance::param>("param", as_line, "", "The parameter's name.").only_if(url_param_only),
    row::value<&Balance::check_post>(
        "check_post", as_boolean, "false",
        "The body of a POST is searched too where the query has no such parameter: what comes of it within a "
        "buffer, for which the choice waits.")
        .only_if(url_param_only),
    row::value<&Balance::name>("name", as_token, "", "The header field's name.").only_if(hdr_only),
    row::value<&Balance::use_domain_only>(
        "use_domain_only", as_boolean, "false",
        "Of a host only what stands before its top-level domain counts: example of www.example.com.")
        .only_if(hdr_only),
};

/// Algorithms that look for something in the request have to be told its name.
void require_name(DecodeContext& context, const Node& node, const std::string& path, void* object,
                  const void*) {
  const auto& balance = *static_cast<const Balance*>(object);
  const bool by_header = is_algorithm(object, "hdr");
  if (!by_header && !is_algorithm(object, "url_param")) return;
  const std::string_view key = by_header ? "name" : "param";
  const std::string& name = by_header ? balance.name : balance.param;
  const Node* own = node.find(key);
  if (own == nullptr && name.empty()) {
    context.report.error(node.position, path_key(path, key),
                         fmt::format("balance {} needs it", by_header ? "hdr" : "url_param"));
  } else if (own != nullptr && name.find_first_of(" &=#?") != std::string::npos) {
    context.report.error(own->position, path_key(path, key),
                         fmt::format("\"{}\" cannot be found in a request", name));
  }
}

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
    .finish = require_name,
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
