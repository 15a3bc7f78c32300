// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ascii.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// The classes of bytes of RFC 9110 and RFC 3986, and scans over them.
namespace corelane::proto::http {

enum Class : std::uint8_t {
  token = 1,    // tchar, RFC 9110 5.6.2
  visible = 2,  // VCHAR but the colon: what lax names may have
  value = 4,    // HTAB, SP, VCHAR, obs-text
  digit = 8,
  hex = 16,
  reg_name = 32,  // of a host, RFC 3986 3.2.2, the percent sign included
  target = 64,    // what browsers send in paths and queries, the percent sign included; not '#'
  lax_target = 128,
};

constexpr bool is_one_of(unsigned byte, const char* set) {
  for (; *set != '\0'; ++set)
    if (static_cast<unsigned char>(*set) == byte) return true;
  return false;
}

constexpr std::uint8_t classes_of(unsigned byte) {
  const char c = static_cast<char>(byte);
  const bool is_digit = base::is_digit(c);
  const bool is_visible = byte > 0x20 && byte < 0x7f;
  const bool is_name = is_digit || base::is_letter(c);
  std::uint8_t classes = 0;
  const auto add = [&classes](bool in, Class bit) {
    if (in) classes = static_cast<std::uint8_t>(classes | bit);
  };
  add(is_name || is_one_of(byte, "!#$%&'*+-.^_`|~"), token);
  add(is_visible && byte != ':', visible);
  add(is_visible || byte == ' ' || byte == '\t' || byte >= 0x80, value);
  add(is_digit, digit);
  add(is_digit || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F'), hex);
  add(is_name || is_one_of(byte, "-._~!$&'()*+,;=%"), reg_name);
  add(is_visible && !is_one_of(byte, "#\"<>"), target);
  add((is_visible && byte != '#') || byte >= 0x80, lax_target);
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> class_table = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) table[byte] = classes_of(byte);
  return table;
}();

constexpr bool is(char byte, unsigned classes) {
  return (class_table[static_cast<unsigned char>(byte)] & classes) != 0;
}

/// The first byte that is in none of the classes, or the end.
constexpr const char* skip(const char* at, const char* end, unsigned classes) {
  while (at != end && is(*at, classes)) ++at;
  return at;
}

constexpr bool all(const char* at, const char* end, unsigned classes) {
  return skip(at, end, classes) == end;
}

#if defined(__SSE2__)
/// The first byte of 16 that a mask names; `at` is to be read whole.
template <typename Stops>
inline const char* skip_sixteens(const char* at, const char* end, Stops stops) {
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(stops(bytes)));
    if (mask != 0) return at + std::countr_zero(mask);
  }
  return at;
}
#endif

/// skip(..., value), 16 bytes at once where the processor can.
inline const char* skip_value(const char* at, const char* end) {
#if defined(__SSE2__)
  at = skip_sixteens(at, end, [](__m128i bytes) {
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i not_tab = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')), control);
    return _mm_or_si128(not_tab, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
  });
#endif
  return skip(at, end, value);
}

/// The end of a field's value: a byte that it cannot have. Lax values have all but NUL, CR and LF.
inline const char* skip_field_value(const char* at, const char* end, bool lax) {
  at = skip_value(at, end);
  while (lax && at != end && *at != '\0' && *at != '\r' && *at != '\n') at = skip_value(at + 1, end);
  return at;
}

/// skip(..., target), likewise.
inline const char* skip_target(const char* at, const char* end) {
#if defined(__SSE2__)
  at = skip_sixteens(at, end, [](__m128i bytes) {
    // Signed: bytes above 0x7f are less than a space.
    __m128i stop = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21));
    for (const char byte : {'\x7f', '#', '"', '<', '>'})
      stop = _mm_or_si128(stop, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
    return stop;
  });
#endif
  return skip(at, end, target);
}

/// Where the element that a list begins with ends (RFC 9110 5.6.1): at a comma outside of quotes, or with it.
constexpr std::size_t element_end(std::string_view list) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (quoted && list[i] == '\\') {
      ++i;
    } else if (list[i] == '"') {
      quoted = !quoted;
    } else if (list[i] == ',' && !quoted) {
      return i;
    }
  }
  return list.size();
}

}  // namespace corelane::proto::http
