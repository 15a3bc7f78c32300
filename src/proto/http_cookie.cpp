// SPDX-License-Identifier: Apache-2.0
#include "proto/http_cookie.hpp"

#include <array>

namespace corelane::proto {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::size_t skip_spaces(std::string_view text, std::size_t position) {
  while (position < text.size() && is_space(text[position])) ++position;
  return position;
}

/// The end of text[begin, end) without the spaces at its end.
std::size_t trimmed_end(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin && is_space(text[end - 1])) --end;
  return end;
}

std::size_t value_end(std::string_view text, std::size_t position, std::string_view separators) {
  bool quoted = false;
  for (; position < text.size(); ++position) {
    const char c = text[position];
    if (quoted && c == '\\') {
      ++position;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && separators.find(c) != std::string_view::npos) {
      return position;
    }
  }
  return text.size();
}

/// The pair from `begin` on, which may be preceded by spaces.
HttpCookie read_pair(std::string_view text, std::size_t begin, std::string_view separators) {
  HttpCookie cookie;
  begin = skip_spaces(text, begin);
  std::size_t equal = begin;
  while (equal < text.size() && text[equal] != '=' && separators.find(text[equal]) == std::string_view::npos)
    ++equal;
  std::size_t end = trimmed_end(text, begin, equal);
  cookie.name = text.substr(begin, end - begin);
  cookie.end = equal;
  cookie.has_value = equal < text.size() && text[equal] == '=';
  if (cookie.has_value) {
    const std::size_t value_begin = skip_spaces(text, equal + 1);
    cookie.end = value_end(text, value_begin, separators);
    end = trimmed_end(text, value_begin, cookie.end);
    cookie.value = text.substr(value_begin, end - value_begin);
  }
  cookie.pair = text.substr(begin, end - begin);
  return cookie;
}

}  // namespace

bool HttpCookieReader::next(HttpCookie& cookie) noexcept {
  if (position_ >= text_.size()) return false;
  const std::size_t begin = position_;
  cookie = read_pair(text_, first_ ? begin : begin + 1, ",;");
  cookie.begin = begin;
  position_ = cookie.end;
  first_ = false;
  return true;
}

HttpCookie read_set_cookie(std::string_view field_value) noexcept {
  // A date has a comma in it.
  return read_pair(field_value, 0, ";");
}

void HttpCookieRemoval::remove(const HttpCookie& cookie) noexcept {
  if (removed_from_ == nothing) removed_from_ = cookie.begin;
}

void HttpCookieRemoval::keep(const HttpCookie& cookie) noexcept {
  keeps_some_ = true;
  if (removed_from_ == nothing) return;
  const std::string_view text = field_.value;
  const std::size_t after = skip_spaces(text, cookie.begin + 1);
  if (removed_from_ == 0) {
    fits_ = fits_ && edits_.replace(text.substr(0, after), {});
  } else {
    const std::size_t from = trimmed_end(text, edited_to_, removed_from_);
    const std::array<char, 2> separator{text[cookie.begin], ' '};
    fits_ = fits_ && edits_.replace(text.substr(from, after - from), {separator.data(), separator.size()});
  }
  removed_from_ = nothing;
  edited_to_ = after;
}

bool HttpCookieRemoval::finish() noexcept {
  if (removed_from_ == nothing) return fits_;
  if (!keeps_some_ || removed_from_ == 0) return edits_.remove(field_);
  return fits_ && edits_.replace(field_.value.substr(removed_from_), {});
}

}  // namespace corelane::proto
