// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace corelane::proto {

/// CRC32C (Castagnoli) over bytes that come in parts: begin with crc32c_begin, end with crc32c_end.
inline constexpr std::uint32_t crc32c_begin = 0xffffffff;
std::uint32_t crc32c_add(std::uint32_t crc, std::string_view bytes);
constexpr std::uint32_t crc32c_end(std::uint32_t crc) noexcept {
  return ~crc;
}

}  // namespace corelane::proto
