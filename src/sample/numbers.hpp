// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "base/ascii.hpp"

namespace corelane::sample {

using base::is_digit;
using base::is_letter;
using base::lower_case;
using base::upper_case;

/// The integer that the text begins with, 0 when it begins with none; what is beyond 64 bits stays at their
/// end.
constexpr std::int64_t leading_integer(std::string_view text) noexcept {
  constexpr std::uint64_t positive_max = std::numeric_limits<std::int64_t>::max();
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::uint64_t value_max = positive_max + (negative ? 1 : 0);
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) break;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (value_max - digit) / 10 ? value_max : value * 10 + digit;
    if (value == value_max) break;
  }
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

/// -1: it is none.
constexpr int hex_digit(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Two upper-case digits for each byte.
constexpr void write_hex(std::string_view bytes, char* out) noexcept {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : bytes) {
    *out++ = digits[static_cast<unsigned char>(c) >> 4];
    *out++ = digits[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace corelane::sample
