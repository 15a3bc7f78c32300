// SPDX-License-Identifier: Apache-2.0
#include "balance/source_hash.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <set>

using corelane::balance::source_hash;
using corelane::base::Endpoint;
using corelane::base::Family;

namespace {

Endpoint ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port = 0) {
  return {.ip = {a, b, c, d}, .port = port, .family = Family::ipv4};
}

/// How many bits of the hash one bit of the address changes, on average over all its bits.
double bits_changed(const Endpoint& endpoint, unsigned address_bits) {
  int changed = 0;
  for (unsigned bit = 0; bit < address_bits; ++bit) {
    Endpoint other = endpoint;
    other.ip[bit / 8] = static_cast<std::uint8_t>(other.ip[bit / 8] ^ (1U << (bit % 8)));
    changed += std::popcount(source_hash(endpoint) ^ source_hash(other));
  }
  return static_cast<double>(changed) / address_bits;
}

}  // namespace

TEST_CASE("the port does not matter, the address does") {
  CHECK(source_hash(ipv4(192, 0, 2, 1, 1000)) == source_hash(ipv4(192, 0, 2, 1, 2000)));
  CHECK(source_hash(ipv4(192, 0, 2, 1)) != source_hash(ipv4(192, 0, 2, 2)));
}

TEST_CASE("an IPv4-mapped address is the IPv4 address") {
  const Endpoint mapped{.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1},
                        .family = Family::ipv6};
  const Endpoint compatible{.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1}, .family = Family::ipv6};
  CHECK(source_hash(mapped) == source_hash(ipv4(192, 0, 2, 1)));
  CHECK(source_hash(compatible) != source_hash(ipv4(192, 0, 2, 1)));
}

TEST_CASE("what lies behind an IPv4 address in memory does not matter") {
  Endpoint endpoint = ipv4(10, 0, 0, 1);
  endpoint.ip[9] = 77;
  CHECK(source_hash(endpoint) == source_hash(ipv4(10, 0, 0, 1)));
}

TEST_CASE("hashes are the same in every version: clients keep their server over an upgrade") {
  CHECK(source_hash(ipv4(127, 0, 0, 1)) == 14863789039042607562U);
  CHECK(source_hash(Endpoint{.family = Family::unix_socket}) == source_hash(Endpoint{}));
}

TEST_CASE("one address bit changes half of the hash") {
  CHECK(bits_changed(ipv4(10, 1, 2, 3), 32) == doctest::Approx(32).epsilon(0.08));
  CHECK(bits_changed(Endpoint{.ip = {0x20, 1, 0xd, 0xb8}, .family = Family::ipv6}, 128) ==
        doctest::Approx(32).epsilon(0.05));
}

TEST_CASE("neighbours spread over few servers") {
  int counts[3] = {};
  std::set<std::uint64_t> hashes;
  for (unsigned i = 0; i < 3000; ++i) {
    const Endpoint endpoint =
        ipv4(10, 0, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256));
    hashes.insert(source_hash(endpoint));
    ++counts[source_hash(endpoint) % 3];
  }
  CHECK(hashes.size() == 3000);
  for (int count : counts) CHECK(count == doctest::Approx(1000).epsilon(0.1));
}
