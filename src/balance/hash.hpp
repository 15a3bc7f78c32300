// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/endpoint.hpp"

/// From bytes to the number that chooses a server, as HAProxy 2.6 computes it: clients keep their servers
/// when one takes the other's place.
namespace corelane::balance {

/// How a hash leads to a server.
enum class HashType : std::uint8_t {
  map_based,  // a place in a list in which every server stands as often as its weight
  consistent  // the nearest of the places that servers have on a ring
};

enum class HashFunction : std::uint8_t {
  sdbm,
  djb2,
  wt6,
  crc32,
  xor_words  // what `balance source` computes whatever HAProxy's hash-type says; no word of the file
};

enum class HashModifier : std::uint8_t { none, avalanche };

struct Hash {
  HashType type = HashType::map_based;
  HashFunction function = HashFunction::sdbm;
  HashModifier modifier = HashModifier::none;

  friend bool operator==(const Hash&, const Hash&) = default;
};

std::uint32_t hash_bytes(HashFunction function, std::span<const std::uint8_t> bytes);

/// Bob Jenkins' integer hash with full avalanche, spread by a prime near three quarters of its range. No two
/// numbers have the same.
std::uint32_t avalanche(std::uint32_t value);

/// By function and modifier.
std::uint32_t hash_text(const Hash& hash, std::string_view text);

/// The hash of the IP address, not the port: of 4 bytes for IPv4, of 16 for IPv6. Empty for a client without
/// one (a UNIX socket).
std::optional<std::uint32_t> source_hash(const Hash& hash, const base::Endpoint& client);

}  // namespace corelane::balance
