// SPDX-License-Identifier: Apache-2.0
#include "proto/http_body.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/check.hpp"
#include "proto/http_read.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto {
namespace {

constexpr std::uint64_t chunk_bytes_max = std::numeric_limits<std::int64_t>::max();
constexpr std::uint8_t chunk_size_digits_max = 16;

bool is_space(char byte) {
  return byte == ' ' || byte == '\t';
}

unsigned hex_value(char byte) {
  return http::is(byte, http::digit) ? static_cast<unsigned>(byte - '0')
                                     : static_cast<unsigned>(base::lower_case(byte) - 'a') + 10;
}

}  // namespace

void HttpBodyReader::begin(HttpFraming framing, std::uint64_t length, const HttpLimits& limits) noexcept {
  *this = {};
  chunk_line_bytes_max_ = limits.chunk_line_bytes;
  trailer_bytes_max_ = limits.trailer_bytes;
  trailer_fields_max_ = limits.fields;
  switch (framing) {
    case HttpFraming::none:
      break;
    case HttpFraming::length:
      remaining_ = length;
      state_ = length > 0 ? State::length : State::complete;
      break;
    case HttpFraming::chunked:
      state_ = State::size_first;
      break;
    case HttpFraming::until_close:
      state_ = State::until_close;
      break;
  }
}

HttpBodyReader::Result HttpBodyReader::read(std::string_view bytes) noexcept {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end && state_ != State::complete && state_ != State::failed) at = read_part(at, end);
  Result result;
  result.consumed = static_cast<std::size_t>(at - bytes.data());
  result.error = error_;
  if (state_ == State::complete) result.state = Result::State::complete;
  if (state_ == State::failed) result.state = Result::State::error;
  return result;
}

std::uint64_t HttpBodyReader::opaque_remaining() const noexcept {
  if (state_ == State::until_close) return without_end;
  return state_ == State::length || state_ == State::data ? remaining_ : 0;
}

void HttpBodyReader::skip(std::uint64_t bytes) noexcept {
  if (state_ == State::until_close || bytes == 0) return;
  CORELANE_CHECK(bytes <= opaque_remaining());
  remaining_ -= bytes;
  if (remaining_ == 0) state_ = state_ == State::data ? State::data_cr : State::complete;
}

const char* HttpBodyReader::read_part(const char* at, const char* end) noexcept {
  const std::uint64_t opaque =
      std::min<std::uint64_t>(opaque_remaining(), static_cast<std::uint64_t>(end - at));
  if (opaque > 0) {
    skip(opaque);
    return at + opaque;
  }
  if (state_ < State::data) return read_chunk_line(at, end);
  return state_ < State::trailer_line ? read_data_end(at, end) : read_trailer(at, end);
}

const char* HttpBodyReader::fail(const char* at, HttpError error) noexcept {
  state_ = State::failed;
  error_ = error;
  return at;
}

const char* HttpBodyReader::read_chunk_line(const char* at, const char* end) noexcept {
  for (; at != end && state_ < State::data; ++at) {
    if (line_bytes_++ == chunk_line_bytes_max_) return fail(at, HttpError::chunk_line_too_long);
    const HttpError error = chunk_line_byte(*at);
    if (error != HttpError::none) return fail(at, error);
  }
  return at;
}

HttpError HttpBodyReader::chunk_line_byte(char byte) noexcept {
  if (state_ <= State::size) return size_byte(byte);
  if (state_ != State::size_lf) return extension_byte(byte);
  if (byte != '\n') return HttpError::bad_line_end;
  state_ = remaining_ > 0 ? State::data : State::trailer_line;
  line_bytes_ = 0;
  return HttpError::none;
}

HttpError HttpBodyReader::size_byte(char byte) noexcept {
  if (!http::is(byte, http::hex)) {
    return state_ == State::size_first ? HttpError::bad_chunk_size
                                       : after_size_or_extension(byte, HttpError::bad_chunk_size);
  }
  if (++digits_ > chunk_size_digits_max || remaining_ > chunk_bytes_max >> 4)
    return HttpError::bad_chunk_size;
  remaining_ = remaining_ << 4 | hex_value(byte);
  state_ = State::size;
  return HttpError::none;
}

HttpError HttpBodyReader::after_size_or_extension(char byte, HttpError otherwise) noexcept {
  if (byte == '\r') {
    state_ = State::size_lf;
  } else if (byte == ';') {
    state_ = State::extension_start;
  } else if (is_space(byte)) {
    state_ = State::before_extension;
  } else {
    return byte == '\n' ? HttpError::bad_line_end : otherwise;
  }
  return HttpError::none;
}

HttpError HttpBodyReader::extension_byte(char byte) noexcept {
  constexpr HttpError bad = HttpError::bad_chunk_extension;
  const bool is_token = http::is(byte, http::token);
  // The white space that RFC 9112 7.1.1 has us read; none of it may end the line.
  const bool may_be_space = state_ == State::before_extension || state_ == State::extension_start ||
                            state_ == State::extension_name_end || state_ == State::extension_value_start;
  if (may_be_space && is_space(byte)) return HttpError::none;
  switch (state_) {
    case State::before_extension:
      state_ = State::extension_start;
      return byte == ';' ? HttpError::none : bad;
    case State::extension_start:
      state_ = State::extension_name;
      return is_token ? HttpError::none : bad;
    case State::extension_name:
    case State::extension_name_end:
      if (byte == '=') {
        state_ = State::extension_value_start;
        return HttpError::none;
      }
      if (state_ == State::extension_name_end) {
        state_ = State::extension_start;
        return byte == ';' ? HttpError::none : bad;
      }
      if (is_token) return HttpError::none;
      if (!is_space(byte)) return after_size_or_extension(byte, bad);
      state_ = State::extension_name_end;
      return HttpError::none;
    case State::extension_value_start:
      state_ = byte == '"' ? State::extension_quoted : State::extension_value;
      return byte == '"' || is_token ? HttpError::none : bad;
    case State::extension_value:
      return is_token ? HttpError::none : after_size_or_extension(byte, bad);
    case State::extension_quoted:
      if (byte == '"') state_ = State::extension_quoted_end;
      if (byte == '\\') state_ = State::extension_escaped;
      return http::is(byte, http::value) ? HttpError::none : bad;
    case State::extension_escaped:
      state_ = State::extension_quoted;
      return http::is(byte, http::value) ? HttpError::none : bad;
    default:
      return after_size_or_extension(byte, bad);
  }
}

const char* HttpBodyReader::read_data_end(const char* at, const char* end) noexcept {
  for (; at != end && state_ != State::size_first; ++at) {
    if (*at != (state_ == State::data_cr ? '\r' : '\n')) return fail(at, HttpError::bad_chunk_end);
    state_ = state_ == State::data_cr ? State::data_lf : State::size_first;
  }
  digits_ = 0;
  line_bytes_ = 0;
  return at;
}

const char* HttpBodyReader::read_trailer(const char* at, const char* end) noexcept {
  for (; at != end && state_ != State::complete; ++at) {
    const bool empty_line = state_ == State::last_lf || (state_ == State::trailer_line && *at == '\r');
    if (!empty_line && line_bytes_++ == trailer_bytes_max_) return fail(at, HttpError::trailer_too_large);
    const HttpError error = trailer_byte(*at);
    if (error != HttpError::none) return fail(at, error);
  }
  return at;
}

HttpError HttpBodyReader::trailer_byte(char byte) noexcept {
  switch (state_) {
    case State::trailer_line:
      if (byte == '\r') {
        state_ = State::last_lf;
        return HttpError::none;
      }
      if (byte == '\n') return HttpError::bad_line_end;
      if (is_space(byte))
        return trailer_fields_ == 0 ? HttpError::space_before_fields : HttpError::folded_line;
      if (trailer_fields_++ == trailer_fields_max_) return HttpError::too_many_fields;
      name_size_ = 0;
      state_ = State::trailer_name;
      return trailer_name_byte(byte);
    case State::trailer_name:
      return trailer_name_byte(byte);
    case State::trailer_value:
      if (byte == '\r') state_ = State::trailer_lf;
      if (byte == '\n') return HttpError::bad_line_end;
      return byte == '\r' || http::is(byte, http::value) ? HttpError::none : HttpError::control_character;
    default:  // trailer_lf, last_lf
      if (byte != '\n') return HttpError::bad_line_end;
      state_ = state_ == State::last_lf ? State::complete : State::trailer_line;
      return HttpError::none;
  }
}

HttpError HttpBodyReader::trailer_name_byte(char byte) noexcept {
  if (http::is(byte, http::token)) {
    if (name_size_ < name_.size()) name_[name_size_] = byte;
    if (name_size_ <= name_.size()) ++name_size_;
    return HttpError::none;
  }
  if (byte != ':' || name_size_ == 0) return http::field_name_fault(byte);
  state_ = State::trailer_value;
  if (name_size_ > name_.size()) return HttpError::none;
  return http_name_frames_or_routes(http_name({name_.data(), name_size_})) ? HttpError::forbidden_trailer
                                                                           : HttpError::none;
}

}  // namespace corelane::proto
