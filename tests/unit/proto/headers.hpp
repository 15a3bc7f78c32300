// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/endpoint.hpp"
#include "proto/proxy_header.hpp"

/// Headers as a sender would put them together, byte by byte.
namespace corelane::proto {

using namespace std::string_literals;

inline const std::string v2_signature = "\r\n\r\n\0\r\nQUIT\n"s;

inline std::string u16(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

inline std::string tlv(char type, std::string_view value) {
  return type + u16(value.size()) + std::string(value);
}

inline std::string v2(char version_command, char family, const std::string& block) {
  return v2_signature + version_command + family + u16(block.size()) + block;
}

/// 192.0.2.1:1025 to 198.51.100.2:443
inline const std::string ipv4_block = "\xc0\x00\x02\x01\xc6\x33\x64\x02\x04\x01\x01\xbb"s;
/// [2001:db8::1]:1025 to [2001:db8::2]:443
inline const std::string ipv6_block = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01" +
                                      "\x20\x01\x0d\xb8" + std::string(11, '\0') + "\x02" +
                                      "\x04\x01\x01\xbb";
inline const std::string unix_block =
    "/run/client" + std::string(108 - 11, '\0') + "\0abstract"s + std::string(108 - 9, '\0');

inline ProxyHeader between(const base::Endpoint& source, const base::Endpoint& destination) {
  ProxyHeader header;
  header.local = false;
  header.source = source;
  header.destination = destination;
  return header;
}

inline base::Endpoint endpoint(const char* ip, std::uint16_t port) {
  return *base::endpoint_from_ip(ip, port);
}

}  // namespace corelane::proto
