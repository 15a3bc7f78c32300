// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// What `accept_invalid` lets pass from old peers. None of it moves the end of a head or of a body.
namespace corelane::proto {

/// A set of these is their sum: HttpReadOptions::accept_invalid.
enum class HttpLaxity : std::uint8_t {
  control_in_values = 1,
  characters_in_names = 2,
  characters_in_target = 4,
  percent_in_path = 8,
  fragment_in_target = 16,
  short_status_line = 32,
};

struct HttpLaxityRow {
  HttpLaxity laxity = HttpLaxity::control_in_values;
  std::string_view word;  // in the configuration
  std::string_view help;
};

inline constexpr std::array http_laxity_rows = {
    HttpLaxityRow{HttpLaxity::control_in_values, "control_in_values",
                  "control characters in the values of fields, except NUL, CR and LF"},
    HttpLaxityRow{HttpLaxity::characters_in_names, "characters_in_names",
                  "any visible ASCII character in the names of fields, except the colon"},
    HttpLaxityRow{HttpLaxity::characters_in_target, "characters_in_target",
                  "unencoded double quotes, angle brackets and bytes above 0x7f in the target"},
    HttpLaxityRow{HttpLaxity::percent_in_path, "percent_in_path",
                  "a percent sign in the path that two hexadecimal digits do not follow"},
    HttpLaxityRow{HttpLaxity::fragment_in_target, "fragment_in_target", "a fragment in the target"},
    HttpLaxityRow{HttpLaxity::short_status_line, "short_status_line",
                  "a status line that ends after the status, without the space before the reason"},
};

constexpr bool http_accepts(std::uint8_t accept_invalid, HttpLaxity laxity) {
  return (accept_invalid & static_cast<std::uint8_t>(laxity)) != 0;
}

}  // namespace corelane::proto
