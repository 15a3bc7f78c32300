// SPDX-License-Identifier: Apache-2.0
#include "config/text_cursor.hpp"

namespace corelane::config {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
         c == '.' || c == '_';
}

}  // namespace

TextCursor::TextCursor(std::string_view text) : text_(text) {
  if (text_.starts_with(byte_order_mark)) offset_ = byte_order_mark.size();
}

void TextCursor::step() {
  const char c = text_[offset_++];
  if (c == '\n') {
    ++position_.line;
    position_.column = 1;
  } else if (at_end() || !is_continuation_byte(text_[offset_])) {
    ++position_.column;
  }
}

bool TextCursor::skip_comment() {
  const std::string_view rest = text_.substr(offset_);
  std::size_t end = std::string_view::npos;
  if (rest.starts_with("//")) {
    end = rest.find_first_of("\r\n");
  } else if (rest.starts_with("/*")) {
    const std::size_t closing = rest.find("*/", 2);
    end = closing == std::string_view::npos ? closing : closing + 2;
  } else {
    return false;
  }
  move_to(end == std::string_view::npos ? text_.size() : offset_ + end);
  return true;
}

void TextCursor::skip_to_token(std::size_t limit) {
  separator_ = '\0';
  while (!at_end() && offset_ < limit) {
    const char c = current();
    if (c == ',' || c == ':') {
      separator_ = c;
      separator_position_ = position_;
      step();
    } else if (is_blank(c)) {
      step();
    } else if (!skip_comment()) {
      return;
    }
  }
}

void TextCursor::skip_token() {
  if (at_end()) return;
  const char first = current();
  step();
  if (first == '"') {
    while (!at_end() && current() != '"') {
      if (current() == '\\') step();
      if (!at_end()) step();
    }
    if (!at_end()) step();
  } else if (is_word_byte(first)) {
    while (!at_end() && is_word_byte(current())) step();
  }
}

void TextCursor::move_to(std::size_t offset) {
  while (offset_ < offset && !at_end()) step();
}

}  // namespace corelane::config
