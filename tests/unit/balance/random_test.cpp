// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "farm.hpp"

using namespace corelane::balance;

namespace {

/// The difference between the most and the least loaded of ten servers after 10,000 connections that stay.
std::uint32_t load_spread(std::uint32_t draws) {
  std::mt19937_64 random(5);
  Farm farm("random", std::vector<std::uint32_t>(10, 1));
  farm.options.draws = draws;
  for (int i = 0; i < 10'000; ++i) ++farm.servers[farm.pick({.random = random()})].connections;
  const auto less = [](const ServerView& a, const ServerView& b) { return a.connections < b.connections; };
  const auto [least, most] = std::minmax_element(farm.servers.begin(), farm.servers.end(), less);
  return most->connections - least->connections;
}

}  // namespace

TEST_CASE("the same number picks the same server") {
  Farm farm("random", {1, 2, 3});
  for (std::uint64_t random = 0; random < 50; ++random)
    CHECK(farm.pick({.random = random}) == farm.pick({.random = random}));
}

TEST_CASE("two draws even out what one leaves uneven") {
  CHECK(load_spread(1) > 50);
  CHECK(load_spread(2) < 10);
}

TEST_CASE("no draws count as one, and too many as the most") {
  Farm farm("random", {1, 1});
  farm.servers[0].connections = 100;
  int busy_picked = 0;
  farm.options.draws = 0;
  for (std::uint64_t random = 0; random < 100; ++random)
    busy_picked += farm.pick({.random = random}) == 0 ? 1 : 0;
  CHECK(busy_picked > 20);
  farm.options.draws = UINT32_MAX;
  for (std::uint64_t random = 0; random < 100; ++random) CHECK(farm.pick({.random = random}) == 1);
}
