// SPDX-License-Identifier: Apache-2.0
#include "proto/xxh64.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace corelane::proto {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint64_t prime1 = 0x9e37'79b1'85eb'ca87;
constexpr std::uint64_t prime2 = 0xc2b2'ae3d'27d4'eb4f;
constexpr std::uint64_t prime3 = 0x1656'67b1'9e37'79f9;
constexpr std::uint64_t prime4 = 0x85eb'ca77'c2b2'ae63;
constexpr std::uint64_t prime5 = 0x27d4'eb2f'1656'67c5;
constexpr std::size_t stripe_bytes = 32;

/// Little-endian, as the hash is defined.
template <std::size_t count>
std::uint64_t take(Bytes& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  bytes = bytes.subspan(count);
  return value;
}

std::uint64_t mixed(std::uint64_t sum, std::uint64_t value) {
  return std::rotl(sum + value * prime2, 31) * prime1;
}

std::uint64_t hash_stripes(Bytes& bytes) {
  std::array<std::uint64_t, 4> sums{prime1 + prime2, prime2, 0, 0 - prime1};
  while (bytes.size() >= stripe_bytes)
    for (std::uint64_t& sum : sums) sum = mixed(sum, take<8>(bytes));
  std::uint64_t hash =
      std::rotl(sums[0], 1) + std::rotl(sums[1], 7) + std::rotl(sums[2], 12) + std::rotl(sums[3], 18);
  for (const std::uint64_t sum : sums) hash = (hash ^ mixed(0, sum)) * prime1 + prime4;
  return hash;
}

}  // namespace

std::uint64_t xxh64(Bytes bytes) noexcept {
  const std::size_t size = bytes.size();
  std::uint64_t hash = (size >= stripe_bytes ? hash_stripes(bytes) : prime5) + size;
  while (bytes.size() >= 8) hash = std::rotl(hash ^ mixed(0, take<8>(bytes)), 27) * prime1 + prime4;
  if (bytes.size() >= 4) hash = std::rotl(hash ^ (take<4>(bytes) * prime1), 23) * prime2 + prime3;
  while (!bytes.empty()) hash = std::rotl(hash ^ (take<1>(bytes) * prime5), 11) * prime1;
  hash = (hash ^ (hash >> 33)) * prime2;
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}

}  // namespace corelane::proto
