// SPDX-License-Identifier: Apache-2.0
// The values that rules are made of. What their texts mean is looked at once the whole file is known
// (cross_checks_rules.cpp).
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t condition_bytes_max = 8192;

bool is_control(char c) {
  return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f;
}

bool read_text(DecodeContext& context, const Node& node, const std::string& path, std::string_view wanted,
               std::string& text) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, wanted);
  const bool blank = node.text.find_first_not_of(" \t") == std::string::npos;
  const bool one_line = std::none_of(node.text.begin(), node.text.end(), is_control);
  if (blank || !one_line || node.text.size() > condition_bytes_max) {
    context.report.error(
        node.position, path,
        fmt::format("expected {}, in one line of 1 to {} bytes", wanted, condition_bytes_max));
    return false;
  }
  text = node.text;
  return true;
}

bool read_condition(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                    void* member) {
  return read_text(context, node, path, "a condition such as \"is_static or { path_beg /img }\"",
                   *static_cast<std::string*>(member));
}

bool read_template(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                   void* member) {
  return read_text(context, node, path, "a text, in which %[path] stands for a sample",
                   *static_cast<std::string*>(member));
}

void write_text(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = *static_cast<const std::string*>(member);
}

void describe_text(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["minLength"] = 1;
}

// --- ACLs

bool is_reserved(std::string_view name) {
  return name == "or" || name == "and" || name == "if" || name == "unless";
}

bool read_lines(DecodeContext& context, const Node& node, const std::string& path, Acl& acl) {
  constexpr std::string_view wanted = "a test such as \"path_beg /static\", or a list of tests";
  if (node.kind != Node::Kind::array) return read_text(context, node, path, wanted, acl.lines.emplace_back());
  if (node.children.empty()) {
    context.report.error(node.position, path, "an ACL without a test never holds");
    return false;
  }
  bool sound = true;
  for (std::size_t i = 0; i < node.children.size(); ++i)
    sound = read_text(context, node.children[i], path_index(path, i), "a test such as \"path_beg /static\"",
                      acl.lines.emplace_back()) &&
            sound;
  return sound;
}

bool read_acls(DecodeContext& context, const Field&, const Node& node, const std::string& path,
               void* member) {
  if (node.kind != Node::Kind::object) return refuse_kind(context, node, path, "an object of named tests");
  if (node.children.empty()) {
    context.report.error(node.position, path, "holds no test");
    return false;
  }
  auto& acls = *static_cast<std::vector<Acl>*>(member);
  acls.clear();
  bool sound = true;
  for (const Node& child : node.children) {
    const std::string place = path_key(path, child.key);
    if (!is_name(child.key) || is_reserved(child.key)) {
      context.report.error(child.key_position, place,
                           is_reserved(child.key)
                               ? fmt::format("\"{}\" is a word of conditions", child.key)
                               : fmt::format("\"{}\" is not a name: {}", child.key, name_fault));
      sound = false;
    }
    Acl& acl = acls.emplace_back();
    acl.name = child.key;
    sound = read_lines(context, child, place, acl) && sound;
  }
  return sound;
}

void write_acls(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = Json::object();
  for (const Acl& acl : *static_cast<const std::vector<Acl>*>(member)) {
    if (acl.lines.size() == 1) {
      value[acl.name] = acl.lines[0];
    } else {
      value[acl.name] = acl.lines;
    }
  }
}

void describe_acls(const Field&, Json& schema) {
  const Json line{{"type", "string"}, {"minLength", 1}};
  schema["type"] = "object";
  schema["minProperties"] = 1;
  schema["propertyNames"] = Json{{"pattern", name_pattern}};
  schema["additionalProperties"]["anyOf"] =
      Json::array({line, Json{{"type", "array"}, {"minItems", 1}, {"items", line}}});
}

bool no_acls(const void* member) {
  return static_cast<const std::vector<Acl>*>(member)->empty();
}

void clear_acls(void* member) {
  static_cast<std::vector<Acl>*>(member)->clear();
}

}  // namespace

const ValueType condition_type{
    .name = "condition",
    .spelling = Node::Kind::string,
    .read = read_condition,
    .write = write_text,
    .describe = describe_text,
    .absent = [](const void* member) { return static_cast<const std::string*>(member)->empty(); },
    .clear = [](void* member) { static_cast<std::string*>(member)->clear(); }};
const ValueType template_type{
    .name = "text with samples",
    .spelling = Node::Kind::string,
    .read = read_template,
    .write = write_text,
    .describe = describe_text,
    .absent = [](const void* member) { return static_cast<const std::string*>(member)->empty(); },
    .clear = [](void* member) { static_cast<std::string*>(member)->clear(); }};
const ValueType acls_type{.name = "object of tests, or lists of tests, by name",
                          .spelling = Node::Kind::object,
                          .read = read_acls,
                          .write = write_acls,
                          .describe = describe_acls,
                          .absent = no_acls,
                          .clear = clear_acls};

}  // namespace corelane::config
