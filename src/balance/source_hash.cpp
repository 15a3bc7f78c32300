// SPDX-License-Identifier: Apache-2.0
#include "balance/source_hash.hpp"

#include <cstddef>

namespace corelane::balance {
namespace {

constexpr std::uint64_t ipv4_mapped_prefix = 0xffff'0000'0000;

/// Network order, whatever the machine's: the hash must not depend on it.
std::uint64_t big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

/// A bijection of 64 bits (the finalizer of MurmurHash3 with David Stafford's constants, variant 13).
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

std::uint64_t source_hash(const base::Endpoint& client) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  if (client.family == base::Family::ipv4) {
    low = ipv4_mapped_prefix | big_endian(client.ip.data(), 4);
  } else if (client.family == base::Family::ipv6) {
    high = big_endian(client.ip.data(), 8);
    low = big_endian(client.ip.data() + 8, 8);
  }
  // The constant keeps the zero address from hashing to zero.
  return mix(mix(high + 0x9e3779b97f4a7c15) ^ low);
}

}  // namespace corelane::balance
