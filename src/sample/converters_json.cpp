// SPDX-License-Identifier: Apache-2.0
// Converters to and from JSON.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "sample/base64.hpp"
#include "sample/functions.hpp"
#include "sample/json_text.hpp"
#include "sample/text_writer.hpp"
#include "sample/utf8.hpp"

namespace corelane::sample {
namespace {

constexpr std::int64_t json_integer_max = (std::int64_t{1} << 53) - 1;  // what every reader keeps exactly

void append_escaped(std::uint32_t code, TextWriter& writer) {
  constexpr std::string_view escaped = "\"\\/\b\f\n\r\t";
  constexpr std::string_view letters = "\"\\/bfnrt";
  const std::size_t known = code < 0x80 ? escaped.find(static_cast<char>(code)) : std::string_view::npos;
  if (known != std::string_view::npos) {
    writer.append('\\');
    writer.append(letters[known]);
  } else if (code >= ' ' && code < 0x7f) {
    writer.append(static_cast<char>(code));
  } else {
    std::array<char, 8> text;
    const auto end = fmt::format_to_n(text.data(), text.size(), "\\u{:04x}", code).out;
    writer.append({text.data(), static_cast<std::size_t>(end - text.data())});
  }
}

/// As printf's %g.
bool set_number(std::string_view written, bool as_integer, Arena& arena, Sample& sample) {
  if (as_integer) {
    std::int64_t value = 0;
    const auto read = std::from_chars(written.data(), written.data() + written.size(), value);
    if (read.ec != std::errc() || value > json_integer_max || value < -json_integer_max) return false;
    sample.set(value);
    return true;
  }
  double number = 0;
  const auto read = std::from_chars(written.data(), written.data() + written.size(), number);
  if (read.ec != std::errc()) return false;
  constexpr std::size_t room = 32;
  char* text = arena.take(room);
  if (text == nullptr) return false;
  const auto end = std::to_chars(text, text + room, number, std::chars_format::general, 6).ptr;
  const auto size = static_cast<std::size_t>(end - text);
  arena.give_back(room - size);
  sample.set(std::string_view(text, size));
  return true;
}

bool set_string(std::string_view written, Arena& arena, Sample& sample) {
  char* text = arena.take(written.size());
  std::size_t size = 0;
  if (text == nullptr || !json_string(written, text, size)) return false;
  arena.give_back(written.size() - size);
  sample.set(std::string_view(text, size));
  return true;
}

bool query(const Argument& path, bool as_integer, Arena& arena, Sample& sample) {
  const std::string_view found = find_json(sample.text, path.json_path);
  if (found.empty()) return false;
  if (found.starts_with('"')) return set_string(found, arena, sample);
  if (found == "true" || found == "false") {
    sample.set(found == "true");
    return true;
  }
  return set_number(found, as_integer, arena, sample);
}

/// A part of a JSON Web Token, and what is asked of it.
bool query_token(std::size_t part, const Arguments& arguments, Arena& arena, Sample& sample) {
  std::string_view token = sample.text;
  for (std::size_t i = 0; i < part; ++i) {
    const std::size_t dot = token.find('.');
    if (dot == std::string_view::npos) return false;
    token.remove_prefix(dot + 1);
  }
  const std::size_t end = token.find('.');
  if (end == std::string_view::npos) return false;
  token = token.substr(0, end);
  char* text = arena.take(token.size());
  std::size_t size = 0;
  if (text == nullptr || !read_base64url(token, text, size)) return false;
  arena.give_back(token.size() - size);
  sample.set(std::string_view(text, size));
  return !arguments[0].given() || query(arguments[0], arguments[1].integer != 0, arena, sample);
}

}  // namespace

bool convert_json(const Arguments& arguments, Arena& arena, Sample& sample) {
  const auto decoding = static_cast<JsonInput>(arguments[0].integer);
  TextWriter writer(arena);
  bool sound = true;
  for (std::size_t at = 0; at < sample.text.size() && sound;) {
    const Utf8Read read = decoding == JsonInput::ascii
                              ? Utf8Read{static_cast<unsigned char>(sample.text[at]), 1, Utf8Fault::none}
                              : read_utf8(sample.text.substr(at));
    at += read.bytes;
    const bool permissive = decoding == JsonInput::utf8p || decoding == JsonInput::utf8ps;
    const bool silent = decoding == JsonInput::utf8s || decoding == JsonInput::utf8ps;
    const bool faulty =
        (read.fault != Utf8Fault::none && !(permissive && read.fault == Utf8Fault::overlong)) ||
        read.code > 0xffff;
    if (!faulty) append_escaped(read.code, writer);
    sound = !faulty || silent;
  }
  return writer.finish(sample) && sound;
}

bool convert_json_query(const Arguments& arguments, Arena& arena, Sample& sample) {
  return query(arguments[0], arguments[1].integer != 0, arena, sample);
}

bool convert_jwt_header_query(const Arguments& arguments, Arena& arena, Sample& sample) {
  return query_token(0, arguments, arena, sample);
}

bool convert_jwt_payload_query(const Arguments& arguments, Arena& arena, Sample& sample) {
  return query_token(1, arguments, arena, sample);
}

}  // namespace corelane::sample
