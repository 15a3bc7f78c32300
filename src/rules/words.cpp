// SPDX-License-Identifier: Apache-2.0
#include "rules/words.hpp"

#include "sample/numbers.hpp"

namespace corelane::rules {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

void WordReader::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool WordReader::at_end() {
  skip_blanks();
  return at_ == text_.size();
}

std::size_t WordReader::position() {
  skip_blanks();
  return at_;
}

// At a backslash. False: it stands for itself.
bool WordReader::read_escape(std::string& out) {
  if (at_ + 1 == text_.size()) return false;
  const char c = text_[at_ + 1];
  std::size_t size = 2;
  if (std::string_view(" \t\\'\"#").find(c) != std::string_view::npos) {
    out += c;
  } else if (c == 'n' || c == 'r' || c == 't') {
    out += c == 'n' ? '\n' : c == 'r' ? '\r' : '\t';
  } else if (c == 'x' && at_ + 3 < text_.size() && sample::hex_digit(text_[at_ + 2]) >= 0 &&
             sample::hex_digit(text_[at_ + 3]) >= 0) {
    out += static_cast<char>(sample::hex_digit(text_[at_ + 2]) << 4 | sample::hex_digit(text_[at_ + 3]));
    size = 4;
  } else {
    return false;
  }
  at_ += size;
  return true;
}

bool WordReader::next(Word& word) {
  word.text.clear();
  word.position = position();
  if (at_end()) return false;
  char quote = '\0';
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (quote == '\0' && is_blank(c)) break;
    if (c == '\\' && quote != '\'' && read_escape(word.text)) continue;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
      unclosed_at_ = at_;
    } else {
      word.text += c;
    }
    ++at_;
  }
  word.written = text_.substr(word.position, at_ - word.position);
  unclosed_ = quote != '\0';
  return !unclosed_;
}

bool WordReader::next_expression(Word& word) {
  word.position = position();
  if (at_end()) return false;
  sample::Nesting nesting;
  for (; at_ < text_.size() && !(nesting.outside() && is_blank(text_[at_])); ++at_) nesting.pass(text_[at_]);
  word.written = text_.substr(word.position, at_ - word.position);
  word.text = word.written;
  return true;
}

}  // namespace corelane::rules
