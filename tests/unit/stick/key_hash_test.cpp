// SPDX-License-Identifier: Apache-2.0
#include "stick/key_hash.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace corelane;

TEST_CASE("the hash is SipHash-1-3") {
  // From the reference implementation's vectors: bytes 0, 1, 2, ... with the key 0, 1, 2, ... 15.
  const stick::HashSeed seed{0x0706'0504'0302'0100, 0x0f0e'0d0c'0b0a'0908};
  struct Row {
    std::size_t words;
    std::uint64_t hash;
  };
  const Row rows[] = {{0, 0xabac'0158'050f'c4dc}, {1, 0xcf75'5760'88d3'8328}, {2, 0x3690'9511'8d29'9a8e},
                      {3, 0x78a3'84b1'57b4'd9a2}, {4, 0xcc4f'dd1a'7d90'8b66}, {8, 0x8115'7b6c'16a7'b60d}};
  for (const Row& row : rows) {
    std::vector<std::uint32_t> words;
    for (std::uint32_t i = 0; i < row.words; ++i) words.push_back(0x0302'0100 + i * 0x0404'0404);
    CHECK(stick::key_hash(seed, words) == row.hash);
  }
}

TEST_CASE("another seed, another hash") {
  const std::uint32_t word = 1;
  CHECK(stick::key_hash({1, 2}, {&word, 1}) != stick::key_hash({1, 3}, {&word, 1}));
}
