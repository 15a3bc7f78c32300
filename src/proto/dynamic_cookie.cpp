// SPDX-License-Identifier: Apache-2.0
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <vector>

#include "proto/http_persistence.hpp"

namespace corelane::proto {

// Of the key, the address as it is on the wire, and four bytes of port in network order.
std::string dynamic_cookie(std::string_view key, const base::Endpoint& server) {
  std::size_t address_bytes = 0;
  if (server.family == base::Family::ipv4) address_bytes = 4;
  if (server.family == base::Family::ipv6) address_bytes = 16;
  if (address_bytes == 0) return {};
  std::vector<std::uint8_t> bytes(key.begin(), key.end());
  bytes.insert(bytes.end(), server.ip.begin(),
               server.ip.begin() + static_cast<std::ptrdiff_t>(address_bytes));
  for (const int shift : {24, 16, 8, 0}) {
    bytes.push_back(static_cast<std::uint8_t>(std::uint32_t{server.port} >> shift));
  }
  const std::uint64_t hash = XXH64(bytes.data(), bytes.size(), 0);
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[hash >> shift & 15];
  return text;
}

}  // namespace corelane::proto
