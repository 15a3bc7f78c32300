// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/near_miss.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t interface_bytes_max = 15;  // IFNAMSIZ without its closing zero
constexpr std::size_t names_listed_max = 12;     // a longer list helps nobody

/// The word that is meant; for one with HAProxy's arguments behind it, as in "set-map(hosts.map) %[src] 1",
/// that without them.
std::string_view near_word(std::string_view text, std::span<const std::string_view> words) {
  const std::string_view bare = text.substr(0, text.find_first_of("( "));
  const bool known = std::find(words.begin(), words.end(), bare) != words.end();
  return known ? bare : base::near_miss(text, words);
}

/// The position of a word in the list, or the list's size after reporting a fault.
std::size_t word_position(DecodeContext& context, const Field& field, const Node& node,
                          const std::string& path) {
  const std::span<const std::string_view> words = field.words();
  if (node.kind != Node::Kind::string) {
    context.report.error(node.position, path,
                         fmt::format("expected a word in double quotes, found {}", node_kind_text(node.kind)),
                         {{words.begin(), words.end()}, ""});
    return words.size();
  }
  const auto found = std::find(words.begin(), words.end(), node.text);
  if (found == words.end()) {
    context.report.error(node.position, path, fmt::format("\"{}\" is not a known {}", node.text, field.key),
                         {{words.begin(), words.end()}, std::string(near_word(node.text, words))});
  }
  return static_cast<std::size_t>(found - words.begin());
}

Json word_list(std::span<const std::string_view> words) {
  Json list = Json::array();
  for (std::string_view word : words) list.push_back(word);
  return list;
}

template <class Number>
bool read_word(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
               void* member) {
  const std::size_t position = word_position(context, field, node, path);
  if (position == field.words().size()) return false;
  *static_cast<Number*>(member) = static_cast<Number>(position);
  return true;
}

template <class Number>
void write_word(const EncodeContext&, const Field& field, const void* member, Json& value) {
  value = field.words()[*static_cast<const Number*>(member)];
}

void describe_word(const Field& field, Json& schema) {
  schema["enum"] = word_list(field.words());
}

// --- names and references

bool text_absent(const void* member) {
  return static_cast<const std::string*>(member)->empty();
}

void clear_text(void* member) {
  static_cast<std::string*>(member)->clear();
}

void write_text(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = *static_cast<const std::string*>(member);
}

bool read_name(DecodeContext& context, const Field&, const Node& node, const std::string& path,
               void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "a name in double quotes");
  if (!is_name(node.text)) {
    context.report.error(node.position, path, fmt::format("\"{}\" is not a name: {}", node.text, name_fault));
    return false;
  }
  *static_cast<std::string*>(member) = node.text;
  return true;
}

void describe_name(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = name_pattern;
}

bool read_interface(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                    void* member) {
  if (node.kind != Node::Kind::string)
    return refuse_kind(context, node, path, "an interface's name such as \"eth0\"");
  const std::string& name = node.text;
  const bool printable =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c != '/' && c < 0x7f; });
  if (name.empty() || name.size() > interface_bytes_max || !printable || name == "." || name == "..") {
    context.report.error(
        node.position, path,
        fmt::format("\"{}\" is not an interface's name: 1 to {} characters without blanks and '/'", name,
                    interface_bytes_max));
    return false;
  }
  *static_cast<std::string*>(member) = name;
  return true;
}

void describe_interface(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^[^/\\s]{1,15}$";
}

bool read_backend_reference(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                            void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "a backend's name");
  if (!context.backend_names) return true;
  const std::vector<std::string_view>& names = *context.backend_names;
  const auto found = std::find(names.begin(), names.end(), node.text);
  if (found == names.end()) {
    Hint hint;
    if (names.size() <= names_listed_max) hint.allowed.assign(names.begin(), names.end());
    hint.near_miss = base::near_miss(node.text, names);
    context.report.error(node.position, path, fmt::format("no backend is named \"{}\"", node.text),
                         std::move(hint));
    return false;
  }
  *static_cast<std::uint32_t*>(member) = static_cast<std::uint32_t>(found - names.begin());
  return true;
}

void write_backend_reference(const EncodeContext& context, const Field&, const void* member, Json& value) {
  value = context.model.backends.at(*static_cast<const std::uint32_t*>(member)).name;
}

/// A backend, or a text that makes the name of one.
bool read_backend_choice(DecodeContext& context, const Field& field, const Node& node,
                         const std::string& path, void* member) {
  auto& choice = *static_cast<UseBackend*>(member);
  choice.name.clear();
  if (node.kind == Node::Kind::string && node.text.find("%[") != std::string::npos) {
    choice.backend = no_index;
    choice.name = node.text;
    return true;
  }
  return read_backend_reference(context, field, node, path, &choice.backend);
}

void write_backend_choice(const EncodeContext& context, const Field& field, const void* member, Json& value) {
  const auto& choice = *static_cast<const UseBackend*>(member);
  if (choice.backend == no_index) {
    value = choice.name;
  } else {
    write_backend_reference(context, field, &choice.backend, value);
  }
}

bool read_schema_reference(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                           void*) {
  return node.kind == Node::Kind::string ||
         refuse_kind(context, node, path, "a path or an address in double quotes");
}

void describe_text(const Field&, Json& schema) {
  schema["type"] = "string";
}

// --- addresses

template <AddressUse use>
bool read_address(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                  void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "an address in double quotes");
  AddressResult result = address_from_text(node.text, use);
  if (!result.address) {
    context.report.error(node.position, path, fmt::format("bad address \"{}\": {}", node.text, result.fault),
                         {{std::string(address_forms(use))}, ""});
    return false;
  }
  *static_cast<Address*>(member) = std::move(*result.address);
  return true;
}

void write_address(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = static_cast<const Address*>(member)->text;
}

template <AddressUse use>
void describe_address(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["minLength"] = 3;
  schema["$comment"] = address_forms(use);
}

constexpr ValueType text_type(std::string_view name, decltype(ValueType::read) read,
                              decltype(ValueType::write) write, decltype(ValueType::describe) describe) {
  return {.name = name, .spelling = Node::Kind::string, .read = read, .write = write, .describe = describe};
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_length_max && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '-';
  });
}

bool refuse_kind(DecodeContext& context, const Node& node, const std::string& path, std::string_view wanted) {
  context.report.error(node.position, path,
                       fmt::format("expected {}, found {}", wanted, node_kind_text(node.kind)));
  return false;
}

const ValueType enum_word_type =
    text_type("word", read_word<std::uint8_t>, write_word<std::uint8_t>, describe_word);
const ValueType index_word_type =
    text_type("word", read_word<std::uint32_t>, write_word<std::uint32_t>, describe_word);
const ValueType name_type = text_type("name", read_name, write_text, describe_name);
const ValueType bind_name_type{.name = "name",
                               .spelling = Node::Kind::string,
                               .read = read_name,
                               .write = write_text,
                               .describe = describe_name,
                               .absent = text_absent,
                               .clear = clear_text};
const ValueType interface_type{.name = "interface name",
                               .spelling = Node::Kind::string,
                               .read = read_interface,
                               .write = write_text,
                               .describe = describe_interface,
                               .absent = text_absent,
                               .clear = clear_text};
const ValueType backend_reference_type =
    text_type("name of a backend", read_backend_reference, write_backend_reference, describe_name);
const ValueType backend_choice_type =
    text_type("name of a backend", read_backend_choice, write_backend_choice, describe_text);
const ValueType schema_reference_type = text_type("text", read_schema_reference, write_text, describe_text);
const ValueType bind_address_type =
    text_type("address", read_address<AddressUse::bind>, write_address, describe_address<AddressUse::bind>);
const ValueType admin_address_type =
    text_type("address", read_address<AddressUse::admin>, write_address, describe_address<AddressUse::admin>);
const ValueType server_address_type = text_type("address", read_address<AddressUse::server>, write_address,
                                                describe_address<AddressUse::server>);
const ValueType check_address_type{
    .name = "address without a port",
    .spelling = Node::Kind::string,
    .read = read_address<AddressUse::check>,
    .write = write_address,
    .describe = describe_address<AddressUse::check>,
    .absent = [](const void* member) { return static_cast<const Address*>(member)->text.empty(); },
    .clear = [](void* member) { *static_cast<Address*>(member) = {}; }};

}  // namespace corelane::config
