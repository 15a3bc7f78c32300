// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "proto/http_error.hpp"
#include "proto/http_head.hpp"

namespace corelane::proto {

/// Finds the end of a body in bytes that come in any parts, and holds chunk framing and trailer to RFC 9112
/// 7: what it has passed may be forwarded as it came. Small: a connection keeps one for each direction.
class HttpBodyReader {
 public:
  struct Result {
    enum class State : std::uint8_t { need_more, complete, error };
    State state = State::need_more;
    /// Bytes at the front that belong to the message; with an error those before the faulty byte.
    std::size_t consumed = 0;
    HttpError error = HttpError::none;
  };

  static constexpr std::uint64_t without_end = std::numeric_limits<std::uint64_t>::max();

  /// A new body. `length` counts with HttpFraming::length alone.
  void begin(HttpFraming framing, std::uint64_t length, const HttpLimits& limits) noexcept;

  /// The next bytes. After `complete` nothing more is consumed; after an error the answer stays the error.
  Result read(std::string_view bytes) noexcept;

  /// How many of the next bytes may pass without being looked at: what is left of the length or of the
  /// present chunk's data, `without_end` until close. `skip` says that they did.
  std::uint64_t opaque_remaining() const noexcept;
  void skip(std::uint64_t bytes) noexcept;

  /// The body has ended by its framing. One until close never has: the connection's end is its own.
  bool complete() const noexcept { return state_ == State::complete; }
  HttpError error() const noexcept { return error_; }

 private:
  enum class State : std::uint8_t {
    complete,
    length,
    until_close,
    failed,
    // chunked, each named after what comes next
    size_first,
    size,
    before_extension,  // white space after a size or a value
    extension_start,
    extension_name,
    extension_name_end,  // white space after it
    extension_value_start,
    extension_value,
    extension_quoted,
    extension_escaped,
    extension_quoted_end,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_line,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
  };

  const char* read_part(const char* at, const char* end) noexcept;
  const char* read_chunk_line(const char* at, const char* end) noexcept;
  HttpError chunk_line_byte(char byte) noexcept;
  HttpError size_byte(char byte) noexcept;
  HttpError extension_byte(char byte) noexcept;
  HttpError after_size_or_extension(char byte, HttpError otherwise) noexcept;
  const char* read_data_end(const char* at, const char* end) noexcept;
  const char* read_trailer(const char* at, const char* end) noexcept;
  HttpError trailer_byte(char byte) noexcept;
  HttpError trailer_name_byte(char byte) noexcept;
  const char* fail(const char* at, HttpError error) noexcept;

  State state_ = State::complete;
  HttpError error_ = HttpError::none;
  std::uint8_t name_size_ = 0;    // of the trailer field's name; stays above the room once it is longer
  std::uint8_t digits_ = 0;       // of the chunk's size
  std::uint32_t line_bytes_ = 0;  // of the chunk's line, or of the trailer
  std::uint32_t trailer_fields_ = 0;
  std::uint32_t chunk_line_bytes_max_ = 0;
  std::uint32_t trailer_bytes_max_ = 0;
  std::uint32_t trailer_fields_max_ = 0;
  std::uint64_t remaining_ = 0;  // of the length, or of the present chunk
  std::array<char, http_name_bytes_max> name_{};
};

}  // namespace corelane::proto
