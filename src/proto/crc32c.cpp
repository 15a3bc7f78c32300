// SPDX-License-Identifier: Apache-2.0
#include "proto/crc32c.hpp"

#include <array>

namespace corelane::proto {
namespace {

constexpr std::uint32_t polynomial_reflected = 0x82f63b78;

constexpr std::array<std::uint32_t, 256> table = [] {
  std::array<std::uint32_t, 256> entries{};
  for (std::uint32_t byte = 0; byte < entries.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? polynomial_reflected : 0U);
    entries[byte] = crc;
  }
  return entries;
}();

}  // namespace

std::uint32_t crc32c_add(std::uint32_t crc, std::string_view bytes) {
  for (const char byte : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xffU];
  return crc;
}

}  // namespace corelane::proto
