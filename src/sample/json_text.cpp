// SPDX-License-Identifier: Apache-2.0
#include "sample/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "sample/numbers.hpp"

namespace corelane::sample {
namespace {

constexpr std::size_t depth_max = 64;

/// Walks over a text. A fault leaves it at the end.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  std::string_view value() {
    skip_blanks();
    const std::size_t begin = at_;
    skip_value();
    return text_.substr(begin, at_ - begin);
  }
  /// The value of a key in the object that begins here.
  std::string_view member(std::string_view key) {
    if (!take('{')) return {};
    for (;;) {
      skip_blanks();
      const std::size_t begin = at_;
      if (!skip_string()) return {};
      const bool wanted = text_.substr(begin + 1, at_ - begin - 2) == key;
      if (!take(':')) return {};
      const std::string_view found = value();
      if (wanted) return found;
      if (!take(',')) return {};
    }
  }
  std::string_view element(std::size_t position) {
    if (!take('[')) return {};
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == ']') return {};
    for (;; --position) {
      const std::string_view found = value();
      if (position == 0) return found;
      if (!take(',')) return {};
    }
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool skip_string() {
    if (at_ == text_.size() || text_[at_] != '"') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      if (text_[at_] == '\\') ++at_;
    }
    at_ = text_.size();
    return false;
  }
  // Brackets are counted, whatever kind they are of.
  void skip_value() {
    if (at_ == text_.size()) return;
    if (text_[at_] == '"') {
      skip_string();
      return;
    }
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return;
        continue;
      }
      const bool closes = c == '}' || c == ']';
      if (depth == 0 && (closes || c == ',' || is_blank(c))) return;
      if (c == '{' || c == '[') ++depth;
      if (depth > depth_max) {
        at_ = text_.size();
        return;
      }
      ++at_;
      if (closes && --depth == 0) return;
    }
  }
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool read_position(std::string_view text, std::size_t& at, JsonPath& path) {
  const std::size_t end = text.find(']', at);
  if (end == std::string_view::npos) return false;
  JsonStep step;
  step.is_position = true;
  const auto read = std::from_chars(text.data() + at + 1, text.data() + end, step.position);
  if (read.ec != std::errc() || read.ptr != text.data() + end) return false;
  path.push_back(std::move(step));
  at = end + 1;
  return true;
}

void append_utf8(std::uint32_t code, char* out, std::size_t& size) {
  const auto add = [&](std::uint32_t byte) { out[size++] = static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 0x3f));
  } else {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

bool read_code(std::string_view digits, std::uint32_t& code) {
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  return digits.size() == 4 && read.ec == std::errc() && read.ptr == digits.data() + digits.size();
}

}  // namespace

bool read_json_path(std::string_view text, JsonPath& path) {
  if (!text.starts_with('$')) return false;
  std::size_t at = 1;
  while (at < text.size()) {
    if (text[at] == '[') {
      if (!read_position(text, at, path)) return false;
      continue;
    }
    if (text[at] != '.') return false;
    JsonStep step;
    for (++at; at < text.size() && text[at] != '.' && text[at] != '['; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      step.key += text[at];
    }
    if (step.key.empty()) return false;
    path.push_back(std::move(step));
  }
  return true;
}

std::string_view find_json(std::string_view json, const JsonPath& path) noexcept {
  std::string_view found = Walker(json).value();
  for (const JsonStep& step : path) {
    Walker walker(found);
    found = step.is_position ? walker.element(step.position) : walker.member(step.key);
    if (found.empty()) return {};
  }
  return found;
}

bool json_string(std::string_view written, char* out, std::size_t& size) noexcept {
  if (written.size() < 2 || !written.starts_with('"') || !written.ends_with('"')) return false;
  const std::string_view text = written.substr(1, written.size() - 2);
  size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out[size++] = text[i];
      continue;
    }
    if (++i == text.size()) return false;
    constexpr std::string_view escapes = "bfnrt\\\"/";
    constexpr std::string_view meanings = "\b\f\n\r\t\\\"/";
    if (const std::size_t known = escapes.find(text[i]); known != std::string_view::npos) {
      out[size++] = meanings[known];
      continue;
    }
    std::uint32_t code = 0;
    if (text[i] != 'u' || !read_code(text.substr(i + 1, 4), code)) return false;
    append_utf8(code, out, size);
    i += 4;
  }
  return true;
}

}  // namespace corelane::sample
