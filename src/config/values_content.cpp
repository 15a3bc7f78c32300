// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "check/pattern.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t line_bytes_max = 255;
constexpr std::size_t content_bytes_max = 4096;
constexpr std::string_view hex_digits = "0123456789abcdef";

const std::string& text_of(const void* member) {
  return *static_cast<const std::string*>(member);
}

bool absent(const void* member) {
  return text_of(member).empty();
}

void clear(void* member) {
  static_cast<std::string*>(member)->clear();
}

void write(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = text_of(member);
}

/// Reports what is wrong with a text, if anything is.
bool accept(DecodeContext& context, const Node& node, const std::string& path, const std::string& fault) {
  if (!fault.empty()) context.report.error(node.position, path, fault);
  return fault.empty();
}

std::string length_fault(const Node& node, std::size_t bytes_max) {
  if (!node.text.empty() && node.text.size() <= bytes_max) return {};
  return fmt::format("a text of 1 to {} bytes is expected here, this has {}", bytes_max, node.text.size());
}

bool read_line(DecodeContext& context, const Field&, const Node& node, const std::string& path,
               void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "a text in double quotes");
  std::string fault = length_fault(node, line_bytes_max);
  const bool one_line = std::none_of(node.text.begin(), node.text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  if (!one_line) fault = "line ends and other control characters are not allowed here";
  *static_cast<std::string*>(member) = node.text;
  return accept(context, node, path, fault);
}

void describe_line(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["minLength"] = 1;
  schema["maxLength"] = line_bytes_max;
}

bool read_content(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                  void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "a text in double quotes");
  *static_cast<std::string*>(member) = node.text;
  return accept(context, node, path, length_fault(node, content_bytes_max));
}

void describe_content(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["minLength"] = 1;
  schema["maxLength"] = content_bytes_max;
}

/// The bytes that hexadecimal digits stand for; empty when the text is not such digits in pairs.
std::string bytes_from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  std::string bytes;
  unsigned value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char lower = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    const std::size_t digit = hex_digits.find(lower);
    if (digit == std::string_view::npos) return {};
    value = value << 4 | static_cast<unsigned>(digit);
    if (i % 2 == 1) bytes += static_cast<char>(value & 0xff);
  }
  return bytes;
}

bool read_bytes(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                void* member) {
  if (node.kind != Node::Kind::string)
    return refuse_kind(context, node, path, "bytes in hexadecimal such as \"0d0a\"");
  std::string fault = length_fault(node, 2 * content_bytes_max);
  const std::string bytes = bytes_from_hex(node.text);
  if (fault.empty() && bytes.empty()) {
    fault = fmt::format("\"{}\" is not bytes in hexadecimal: two digits for each", node.text);
  }
  *static_cast<std::string*>(member) = bytes;
  return accept(context, node, path, fault);
}

void write_bytes(const EncodeContext&, const Field&, const void* member, Json& value) {
  std::string text;
  for (const char c : text_of(member)) {
    const auto byte = static_cast<unsigned char>(c);
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 15];
  }
  value = text;
}

void describe_bytes(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^([0-9A-Fa-f]{2})+$";
}

bool read_regex(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                void* member) {
  if (node.kind != Node::Kind::string)
    return refuse_kind(context, node, path, "a regular expression in double quotes");
  std::string fault = length_fault(node, content_bytes_max);
  if (fault.empty()) fault = check::Pattern::fault(node.text);
  *static_cast<std::string*>(member) = node.text;
  return accept(context, node, path, fault);
}

constexpr ValueType text_type(std::string_view name, decltype(ValueType::read) read,
                              decltype(ValueType::write) writer, decltype(ValueType::describe) describe) {
  return {.name = name,
          .spelling = Node::Kind::string,
          .read = read,
          .write = writer,
          .describe = describe,
          .absent = absent,
          .clear = clear};
}

}  // namespace

const ValueType line_type = text_type("text", read_line, write, describe_line);
const ValueType content_type = text_type("text", read_content, write, describe_content);
const ValueType bytes_type = text_type("hexadecimal bytes", read_bytes, write_bytes, describe_bytes);
const ValueType regex_type = text_type("regular expression", read_regex, write, describe_content);

}  // namespace corelane::config
