// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace corelane::sample {

/// How json() takes its input; the order is that of its argument's words.
enum class JsonInput : std::uint8_t { ascii, utf8, utf8s, utf8p, utf8ps };

enum class Utf8Fault : std::uint8_t { none, overlong, other };

struct Utf8Read {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  Utf8Fault fault = Utf8Fault::other;
};

/// The character that the text, which is not empty, begins with. Of a broken one its first bytes that belong
/// together are taken.
constexpr Utf8Read read_utf8(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1, Utf8Fault::none};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc0 || first >= 0xf8) return {};
  std::uint32_t code = first & (0x7fU >> size);
  std::size_t there = 1;
  for (; there < size && there < text.size(); ++there) {
    const auto next = static_cast<unsigned char>(text[there]);
    if ((next & 0xc0U) != 0x80) break;
    code = code << 6 | (next & 0x3fU);
  }
  if (there < size) return {0, there, Utf8Fault::other};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (surrogate || code > 0x10'ffff || code == 0xfffe || code == 0xffff)
    return {code, size, Utf8Fault::other};
  const std::uint32_t lowest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x1'0000;
  return {code, size, code < lowest ? Utf8Fault::overlong : Utf8Fault::none};
}

}  // namespace corelane::sample
