// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "proto/http_edit.hpp"

/// Cookies (RFC 6265), with what clients and servers have been seen to send beside it: spaces around the
/// equal sign, quoted values with separators in them, commas between cookies, names without a value. All
/// views lie in the field that was read.
namespace corelane::proto {

struct HttpCookie {
  std::string_view name;   // may be empty
  std::string_view value;  // as it was sent, quotes included
  bool has_value = false;  // there is an equal sign
  /// Name, value and what stands between them. In Set-Cookie attributes follow it.
  std::string_view pair;
  /// Where the separator before it stands, in a field's first cookie the field's beginning; and where the
  /// one after it or the field's end. Positions in the value of the field.
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The cookies of a field Cookie, one after the other.
class HttpCookieReader {
 public:
  explicit HttpCookieReader(std::string_view field_value) noexcept : text_(field_value) {}

  /// False when there is none left.
  bool next(HttpCookie& cookie) noexcept;

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  bool first_ = true;
};

/// The cookie that a field Set-Cookie sets.
HttpCookie read_set_cookie(std::string_view field_value) noexcept;

/// Takes cookies out of one field Cookie, and the field itself where nothing else is left in it. To be told
/// of all its cookies in their order. Refused edits are told by finish().
class HttpCookieRemoval {
 public:
  HttpCookieRemoval(const HttpField& field, HttpHeadEdits& edits) noexcept : field_(field), edits_(edits) {}

  void keep(const HttpCookie& cookie) noexcept;
  void remove(const HttpCookie& cookie) noexcept;
  // An attribute in the manner of RFC 2965, $Path, goes or stays with the cookie before it: no call.
  bool finish() noexcept;

 private:
  static constexpr std::size_t nothing = SIZE_MAX;

  const HttpField& field_;
  HttpHeadEdits& edits_;
  std::size_t removed_from_ = nothing;
  std::size_t edited_to_ = 0;
  bool keeps_some_ = false;
  bool fits_ = true;
};

}  // namespace corelane::proto
