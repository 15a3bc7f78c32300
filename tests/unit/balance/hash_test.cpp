// SPDX-License-Identifier: Apache-2.0
#include "balance/hash.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <unordered_set>
#include <vector>

using namespace corelane::balance;
using corelane::base::Endpoint;
using corelane::base::Family;

namespace {

std::uint32_t hash_text(HashFunction function, std::string_view text) {
  return hash_bytes(function, std::vector<std::uint8_t>(text.begin(), text.end()));
}

constexpr Hash by_words{.function = HashFunction::xor_words};

}  // namespace

TEST_CASE("functions are those of HAProxy 2.6's converters") {
  struct Row {
    std::string_view text;
    std::uint32_t sdbm, djb2, wt6, crc32;
    std::uint32_t sdbm_avalanche, wt6_avalanche;
  };
  for (const Row& row : {
           Row{"a", 97, 177670, 1900802597, 3904355907, 1830748055, 1986649387},
           Row{"Corelane", 123061323, 3267034958, 3456759395, 1454721230, 1760161248, 4000804283},
           Row{"123456789", 1755344949, 902675330, 2225171485, 3421780262, 3400502718, 4053691039},
           Row{"the quick brown fox jumps over the lazy dog", 840966547, 2012963070, 685990589, 3456913684,
               2410628898, 1647561333},
       }) {
    CAPTURE(row.text);
    CHECK(hash_text(HashFunction::sdbm, row.text) == row.sdbm);
    CHECK(hash_text(HashFunction::djb2, row.text) == row.djb2);
    CHECK(hash_text(HashFunction::wt6, row.text) == row.wt6);
    CHECK(hash_text(HashFunction::crc32, row.text) == row.crc32);
    CHECK(avalanche(row.sdbm) == row.sdbm_avalanche);
    CHECK(avalanche(row.wt6) == row.wt6_avalanche);
  }
}

TEST_CASE("words are folded in network order") {
  CHECK(hash_text(HashFunction::xor_words, "\x01\x02\x03\x04") == 0x01020304);
  CHECK(hash_text(HashFunction::xor_words, "\x01\x02\x03\x04\x10\x20\x30\x40 odd") ==
        (0x11223344U ^ 0x206f6464U));
  CHECK(hash_text(HashFunction::xor_words, "\x01\x02\x03\x04xyz") == 0x01020304);
}

TEST_CASE("a source is its address: 4 bytes, 16 bytes, or nothing; no port") {
  Endpoint client{.ip = {127, 0, 0, 1, 99}, .port = 1000, .family = Family::ipv4};
  CHECK(source_hash(by_words, client) == 0x7f000001);
  client.port = 2000;
  CHECK(source_hash(by_words, client) == 0x7f000001);
  CHECK(source_hash({.function = HashFunction::sdbm}, client) ==
        hash_text(HashFunction::sdbm, std::string_view("\x7f\0\0\x01", 4)));
  client.family = Family::ipv6;
  CHECK(source_hash(by_words, client) == (0x7f000001 ^ 0x63000000));
  client.family = Family::unix_socket;
  CHECK_FALSE(source_hash(by_words, client));
}

TEST_CASE("avalanche comes after the function and loses nothing") {
  const Endpoint client{.ip = {10, 1, 2, 3}, .family = Family::ipv4};
  for (const HashFunction function : {HashFunction::djb2, HashFunction::xor_words}) {
    const std::uint32_t plain = *source_hash({.function = function}, client);
    CHECK(source_hash({.function = function, .modifier = HashModifier::avalanche}, client) ==
          avalanche(plain));
  }
  std::unordered_set<std::uint32_t> seen;
  for (std::uint32_t value = 0; value < 100'000; ++value) seen.insert(avalanche(value));
  CHECK(seen.size() == 100'000);
}
