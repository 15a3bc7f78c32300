// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "check/http_request.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;
using Headers = std::vector<check::HttpHeader>;

constexpr std::size_t headers_max = 32;
constexpr std::size_t header_bytes_max = 4096;

// --- the type of a check

bool read_check_type(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                     void* member) {
  auto& check = *static_cast<Check*>(member);
  const std::uint32_t handed_down = check.type;
  if (!index_word_type.read(context, field, node, path, &check.type)) return false;
  if (check.type != handed_down) {
    check.steps.clear();
    check.expect.clear();
  }
  return true;
}

void write_check_type(const EncodeContext& context, const Field& field, const void* member, Json& value) {
  index_word_type.write(context, field, &static_cast<const Check*>(member)->type, value);
}

void describe_check_type(const Field& field, Json& schema) {
  index_word_type.describe(field, schema);
}

// --- parts of a request

bool read_part(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
               void* member, std::string (*fault_of)(const std::string&)) {
  if (!line_type.read(context, field, node, path, member)) return false;
  const std::string fault = fault_of(node.text);
  if (!fault.empty()) context.report.error(node.position, path, fault);
  return fault.empty();
}

bool read_method(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                 void* member) {
  return read_part(context, field, node, path, member, check::http_method_fault);
}

bool read_host(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
               void* member) {
  return read_part(context, field, node, path, member, check::http_host_fault);
}

constexpr ValueType part_type(std::string_view name, decltype(ValueType::read) read) {
  return {.name = name,
          .spelling = Node::Kind::string,
          .read = read,
          .write = [](const EncodeContext& context, const Field& field, const void* member,
                      Json& value) { line_type.write(context, field, member, value); },
          .describe = [](const Field& field, Json& schema) { line_type.describe(field, schema); },
          .absent = [](const void* member) { return line_type.absent(member); },
          .clear = [](void* member) { line_type.clear(member); }};
}

// --- fields

const Headers& headers_of(const void* member) {
  return *static_cast<const Headers*>(member);
}

std::string header_fault(const Node& child) {
  if (child.text.size() > header_bytes_max)
    return fmt::format("a text of at most {} bytes is expected here, this has {}", header_bytes_max,
                       child.text.size());
  for (const std::string& text : {child.key, child.text})
    for (const char c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
        return "line ends and other control characters are not allowed here";
  return check::http_header_fault({child.key, child.text});
}

bool read_header(DecodeContext& context, const Node& child, const std::string& path, Headers& headers) {
  if (child.kind != Node::Kind::string) return refuse_kind(context, child, path, "a text in double quotes");
  headers.push_back({child.key, child.text});
  const std::string fault = header_fault(child);
  if (!fault.empty()) context.report.error(child.key_position, path, fault);
  return fault.empty();
}

bool read_headers(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                  void* member) {
  auto& headers = *static_cast<Headers*>(member);
  headers.clear();
  if (node.kind != Node::Kind::object)
    return refuse_kind(context, node, path, "an object such as {\"Accept\": \"text/plain\"}");
  const std::size_t count = node.children.size();
  bool sound = count > 0 && count <= headers_max;
  if (!sound) {
    context.report.error(node.position, path,
                         fmt::format("too {} entries: {}", count == 0 ? "few" : "many", count),
                         {{fmt::format("1 to {}", headers_max)}, ""});
  }
  for (const Node& child : node.children)
    sound = read_header(context, child, path_key(path, child.key), headers) && sound;
  return sound;
}

void write_headers(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = Json::object();
  for (const check::HttpHeader& header : headers_of(member)) value[header.name] = header.value;
}

void describe_headers(const Field&, Json& schema) {
  schema["type"] = "object";
  schema["minProperties"] = 1;
  schema["maxProperties"] = headers_max;
  schema["additionalProperties"] = Json{{"type", "string"}, {"maxLength", header_bytes_max}};
}

bool headers_absent(const void* member) {
  return headers_of(member).empty();
}

void clear_headers(void* member) {
  static_cast<Headers*>(member)->clear();
}

}  // namespace

const ValueType check_type_type{.name = "word",
                                .spelling = Node::Kind::string,
                                .read = read_check_type,
                                .write = write_check_type,
                                .describe = describe_check_type};
const ValueType http_method_type = part_type("text", read_method);
const ValueType http_host_type = part_type("text", read_host);
const ValueType http_headers_type{.name = "object of names and texts",
                                  .spelling = Node::Kind::object,
                                  .read = read_headers,
                                  .write = write_headers,
                                  .describe = describe_headers,
                                  .absent = headers_absent,
                                  .clear = clear_headers};

}  // namespace corelane::config
