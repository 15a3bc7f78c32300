// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The numbers of version 2 on the wire.
namespace corelane::proto::wire {

using namespace std::string_view_literals;

inline constexpr std::string_view v1_prefix = "PROXY ";
inline constexpr std::string_view v2_signature = "\r\n\r\n\0\r\nQUIT\n"sv;

inline constexpr std::size_t fixed_bytes = 16;  // signature, version and command, family, length
inline constexpr std::uint8_t version_2 = 0x20;
inline constexpr std::uint8_t command_local = 0x0;
inline constexpr std::uint8_t command_proxy = 0x1;

enum class Family : std::uint8_t { unspecified, ipv4, ipv6, unix_socket };
inline constexpr std::size_t unix_path_bytes = 108;

constexpr std::size_t address_bytes(Family family) {
  switch (family) {
    case Family::ipv4:
      return 2 * 4 + 2 * 2;
    case Family::ipv6:
      return 2 * 16 + 2 * 2;
    case Family::unix_socket:
      return 2 * unix_path_bytes;
    case Family::unspecified:
      break;
  }
  return 0;
}

inline constexpr std::size_t tlv_bytes_min = 3;  // type and length
inline constexpr std::uint8_t tlv_alpn = 0x01;
inline constexpr std::uint8_t tlv_authority = 0x02;
inline constexpr std::uint8_t tlv_crc32c = 0x03;
inline constexpr std::uint8_t tlv_unique_id = 0x05;
inline constexpr std::uint8_t tlv_ssl = 0x20;
inline constexpr std::uint8_t tlv_ssl_version = 0x21;  // inside tlv_ssl, as the next
inline constexpr std::uint8_t tlv_ssl_cn = 0x22;
inline constexpr std::uint8_t tlv_ssl_cipher = 0x23;
inline constexpr std::uint8_t tlv_ssl_signature = 0x24;
inline constexpr std::uint8_t tlv_ssl_key = 0x25;
inline constexpr std::uint8_t tlv_netns = 0x30;
inline constexpr std::size_t crc32c_bytes = 4;
inline constexpr std::size_t ssl_fixed_bytes = 5;  // client and verify, before the sub-TLVs

constexpr std::uint8_t byte_at(std::string_view bytes, std::size_t position) {
  return static_cast<std::uint8_t>(bytes[position]);
}
constexpr std::uint16_t u16_at(std::string_view bytes, std::size_t position) {
  return static_cast<std::uint16_t>(byte_at(bytes, position) << 8 | byte_at(bytes, position + 1));
}
constexpr std::uint32_t u32_at(std::string_view bytes, std::size_t position) {
  return std::uint32_t{u16_at(bytes, position)} << 16 | u16_at(bytes, position + 2);
}

/// One TLV at the beginning of `rest`, which then begins after it. False when it does not fit in there.
struct Tlv {
  std::uint8_t type = 0;
  std::string_view value;
};
constexpr bool next_tlv(std::string_view& rest, Tlv& tlv) {
  if (rest.size() < tlv_bytes_min) return false;
  const std::size_t size = u16_at(rest, 1);
  if (rest.size() - tlv_bytes_min < size) return false;
  tlv = {.type = byte_at(rest, 0), .value = rest.substr(tlv_bytes_min, size)};
  rest.remove_prefix(tlv_bytes_min + size);
  return true;
}

}  // namespace corelane::proto::wire
