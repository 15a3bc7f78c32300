// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/http_error.hpp"
#include "proto/http_laxity.hpp"
#include "proto/http_name.hpp"

/// Reads the heads of HTTP/1.0 and HTTP/1.1 messages (RFC 9110, RFC 9112), strictly. Nothing is copied or
/// allocated: what is read are views into the bytes.
namespace corelane::proto {

enum class HttpVersion : std::uint8_t { http10, http11 };
enum class HttpMethod : std::uint8_t { get, head, post, put, delete_, connect, options, trace, patch, other };

/// How the end of a body is known (RFC 9112 6.3).
enum class HttpFraming : std::uint8_t { none, length, chunked, until_close };

/// RFC 9112 3.2: "/path?query", "http://host/path", "host:port" (CONNECT), "*" (OPTIONS).
enum class HttpTargetForm : std::uint8_t { origin, absolute, authority, asterisk };

struct HttpLimits {
  std::uint32_t head_bytes = 16384;      // start line, fields and the empty line; else 431 head_too_large
  std::uint32_t fields = 128;            // of a head, and of a trailer; else 431 too_many_fields
  std::uint32_t uri_bytes = 8192;        // the target as it was sent; else 414 target_too_long
  std::uint32_t chunk_line_bytes = 256;  // size, extensions and CRLF; else 400 chunk_line_too_long
  std::uint32_t trailer_bytes = 8192;    // the fields of a trailer; else 431 trailer_too_large
};

/// The most fields that HttpLimits::fields may allow.
inline constexpr std::size_t http_fields_max = 256;
/// Empty lines that are skipped before a request line (RFC 9112 2.2).
inline constexpr std::size_t http_empty_lines_max = 4;

struct HttpReadOptions {
  HttpLimits limits;
  std::uint8_t accept_invalid = 0;  // bits of HttpLaxity
};

struct HttpField {
  std::string_view name;   // as it was sent
  std::string_view value;  // without the white space around it; may be empty
  std::string_view line;   // the whole line with its CRLF
  HttpName known = HttpName::other;
};

/// The fields of a head in their order. Large: it lives in scratch memory and is not cleared for a head.
class HttpFields {
 public:
  HttpFields() noexcept {}  // leaves the places unset on purpose

  std::size_t size() const noexcept { return size_; }
  const HttpField& operator[](std::size_t index) const noexcept { return places_[index]; }
  const HttpField* begin() const noexcept { return places_.data(); }
  const HttpField* end() const noexcept { return places_.data() + size_; }

  /// The first field of that name, null if there is none, and how many there are. Not for HttpName::other.
  const HttpField* first(HttpName name) const noexcept {
    const Entry entry = entries_[static_cast<std::size_t>(name)];
    return entry.count == 0 ? nullptr : &places_[entry.first];
  }
  /// The next one of the same name, likewise; `field` is one of these.
  const HttpField* next(const HttpField& field) const noexcept {
    for (const HttpField* other = &field + 1; other != end(); ++other)
      if (other->known == field.known) return other;
    return nullptr;
  }
  /// The first field of whatever name, null if there is none.
  const HttpField* find(std::string_view name) const noexcept {
    for (const HttpField& field : *this)
      if (http_same_name(field.name, name)) return &field;
    return nullptr;
  }
  std::size_t count(HttpName name) const noexcept { return entries_[static_cast<std::size_t>(name)].count; }

  /// For the readers. `size` fields count as read although their places are not set.
  void clear(std::size_t size = 0) noexcept {
    entries_ = {};
    size_ = size;
  }
  HttpField& next_place() noexcept { return places_[size_]; }
  void add_next_place() noexcept {
    Entry& entry = entries_[static_cast<std::size_t>(places_[size_].known)];
    if (entry.count++ == 0) entry.first = static_cast<std::uint16_t>(size_);
    ++size_;
  }

 private:
  struct Entry {
    std::uint16_t first = 0;
    std::uint16_t count = 0;
  };
  std::size_t size_ = 0;
  std::array<Entry, http_name_count> entries_;
  std::array<HttpField, http_fields_max> places_;
};

struct HttpHead {
  std::string_view bytes;  // from the start line to the empty line, with it
  HttpVersion version = HttpVersion::http11;
  HttpFraming framing = HttpFraming::none;
  /// Content-Length where there is one; with framing `none` that of a body that does not come (HEAD, 304).
  std::uint64_t content_length = 0;
  bool has_content_length = false;
  /// Whether the message itself allows another one after it (RFC 9112 9.3): no `close`; in HTTP/1.0
  /// `keep-alive`; an end of the body that is known before the connection's.
  bool keep_alive = false;
  /// HTTP/1.1, Connection has `upgrade`, and Upgrade names protocols, but none of HTTP/2: a tunnel with
  /// HTTP/2 in it would hide requests from every rule.
  bool upgrade = false;
  HttpFields fields;
};

struct HttpRequestHead : HttpHead {
  HttpMethod method = HttpMethod::get;
  HttpTargetForm form = HttpTargetForm::origin;
  /// Expect: 100-continue in HTTP/1.1. Other expectations are for the server to judge (RFC 9110 10.1.1).
  bool expect_continue = false;
  std::string_view request_line;  // without its CRLF
  std::string_view method_text;
  std::string_view target;     // as it was sent
  std::string_view authority;  // of the absolute and the authority form, with its port; else empty
  /// "/path?query": the target or the end of it, "/" where an absolute form has neither path nor query
  /// ("?query" where it has no path alone), "*", and empty for CONNECT.
  std::string_view path_and_query;
  std::string_view host;  // the authority, or the value of Host, with its port; empty in HTTP/1.0 without
};

struct HttpResponseHead : HttpHead {
  std::uint16_t status = 0;      // 100 to 599
  std::string_view status_line;  // without its CRLF
  std::string_view reason;       // may be empty
};

/// The part of a line that the bytes end in, where it may be long.
enum class HttpLinePart : std::uint8_t { other, token, target, value };

/// What earlier calls with fewer of the same bytes have looked at already. It begins as {} with each head,
/// and belongs to the connection: the head's views need not be kept between calls.
struct HttpHeadProgress {
  std::uint32_t line = 0;        // where the first line begins that is not complete
  std::uint32_t part_begin = 0;  // where the part of that line begins
  std::uint32_t scanned = 0;     // bytes of it that need not be looked at again end here
  std::uint16_t fields = 0;      // in the lines before it
  std::uint8_t empty_lines = 0;  // before the start line
  bool start_line = false;       // is complete
  HttpLinePart part = HttpLinePart::other;
};

struct HttpRead {
  enum class State : std::uint8_t { need_more, head, error };
  State state = State::need_more;
  std::size_t consumed = 0;  // head: bytes that belong to it, with empty lines before it
  HttpError error = HttpError::none;
  std::size_t position = 0;  // error: the byte where it was found
};

/// Both read one head from all bytes that have come of it so far. The answer changes from need_more once, as
/// soon as it is certain, and is the same whichever way the bytes come. `head` has a meaning after
/// State::head alone; its views lie in `bytes`.
///
/// Of a request: empty lines before it are skipped. The response's framing depends on the method of the
/// request that it answers (RFC 9112 6.3).
HttpRead read_request_head(std::string_view bytes, const HttpReadOptions& options, HttpRequestHead& head,
                           HttpHeadProgress& progress);
HttpRead read_response_head(std::string_view bytes, const HttpReadOptions& options, HttpMethod request_method,
                            HttpResponseHead& head, HttpHeadProgress& progress);

/// "GET"; empty for other.
std::string_view http_method_text(HttpMethod method) noexcept;

}  // namespace corelane::proto
