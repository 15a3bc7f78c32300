// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "farm.hpp"

using namespace corelane::balance;

TEST_CASE("the hash modulo the total weight decides, in the order of servers") {
  Farm farm("source", {2, 0, 1, 3});
  const std::uint32_t expected[] = {0, 0, 2, 3, 3, 3};
  for (std::uint64_t hash = 0; hash < 24; ++hash)
    CHECK(farm.pick({.source_hash = hash}) == expected[hash % 6]);
}

TEST_CASE("the next usable server stands in for one that failed or is full") {
  Farm farm("source", {1, 1, 0, 1});
  CHECK(farm.pick({.source_hash = 1, .avoid = 1}) == 3);
  CHECK(farm.pick({.source_hash = 2, .avoid = 3}) == 0);
  farm.servers[1].connections = farm.servers[1].connections_max = 9;
  CHECK(farm.pick({.source_hash = 1}) == 3);
  CHECK(farm.pick({.source_hash = 0}) == 0);  // a full server moves no other's clients
  CHECK(farm.pick({.source_hash = 2}) == 3);
}

TEST_CASE("lanes agree") {
  for (std::uint64_t hash = 0; hash < 100; ++hash) {
    Farm one("source", {3, 1, 4}, 0, 2);
    Farm other("source", {3, 1, 4}, 1, 2);
    other.pick({.source_hash = hash + 1});
    CHECK(one.pick({.source_hash = hash}) == other.pick({.source_hash = hash}));
  }
}
