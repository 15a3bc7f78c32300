// SPDX-License-Identifier: Apache-2.0
#include "balance/even_lanes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

using namespace corelane;

namespace {

using Loads = std::vector<std::uint32_t>;

std::uint32_t lightest(const Loads& loads, std::uint32_t own, std::uint32_t below, std::uint64_t random) {
  return balance::lightest_lane(own, static_cast<std::uint32_t>(loads.size()), below, random,
                                [&](std::uint32_t lane) { return loads[lane]; });
}

/// Connections that stay, spread by hash, and handed over where their lane is ahead.
struct Spread {
  Loads loads;
  std::uint32_t handed_over = 0;
};
Spread spread_evenly(std::uint32_t lanes, std::uint32_t connections, std::uint32_t seed) {
  std::mt19937_64 random(seed);
  Spread spread{.loads = Loads(lanes)};
  for (std::uint32_t i = 0; i < connections; ++i) {
    const auto own = static_cast<std::uint32_t>(random() % lanes);
    const std::uint32_t carried = spread.loads[own];
    const std::uint32_t allowed = balance::lead_allowed(carried, 0);
    const std::uint32_t below = carried > allowed ? carried - allowed : 0;
    const std::uint32_t other = lightest(spread.loads, own, below, random());
    spread.handed_over += other != balance::no_lane ? 1 : 0;
    ++spread.loads[other != balance::no_lane ? other : own];
  }
  return spread;
}

}  // namespace

TEST_CASE("64 connections that stay end within one of even on 8 lanes") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const Loads loads = spread_evenly(8, 64, seed).loads;
    const auto [least, most] = std::minmax_element(loads.begin(), loads.end());
    CHECK(*least >= 7);
    CHECK(*most <= 9);
  }
}

TEST_CASE("400 connections that stay differ by two at most on 16 lanes") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const Loads loads = spread_evenly(16, 400, seed).loads;
    const auto [least, most] = std::minmax_element(loads.begin(), loads.end());
    CHECK(*most - *least <= 2);
  }
}

TEST_CASE("many lanes are evened out by two looks each") {
  const Loads loads = spread_evenly(64, 64 * 100, 1).loads;
  const auto [least, most] = std::minmax_element(loads.begin(), loads.end());
  CHECK(*least >= 90);  // about 77 and 125 by hash alone
  CHECK(*most <= 110);
}

TEST_CASE("a lane may be ahead by one, by a share of many, and by as many as come and go") {
  CHECK(balance::lead_allowed(0, 0) == 1);
  CHECK(balance::lead_allowed(31, 0) == 1);
  CHECK(balance::lead_allowed(64, 0) == 3);
  CHECK(balance::lead_allowed(10, 100) == 101);
}

TEST_CASE("nobody else is looked at by a lane that is not ahead") {
  unsigned looks = 0;
  const auto count_looks = [&](std::uint32_t) {
    ++looks;
    return 0U;
  };
  CHECK(balance::lightest_lane(0, 8, 0, 1, count_looks) == balance::no_lane);
  CHECK(balance::lightest_lane(0, 1, 5, 1, count_looks) == balance::no_lane);
  CHECK(looks == 0);
}

TEST_CASE("the lightest of few lanes is found, and none that is as loaded as may be") {
  for (std::uint64_t random : {0ULL, 1ULL, 6ULL, 0xffff'ffff'ffff'ffffULL}) {
    CHECK(lightest({9, 5, 4, 3, 7, 5, 8, 6}, 0, 8, random) == 3);
    CHECK(lightest({9, 9, 8, 9, 8}, 1, 8, random) == balance::no_lane);
    CHECK(lightest({9, 1}, 0, 8, random) == 1);
    CHECK(lightest({2, 9}, 1, 8, random) == 0);
  }
}

TEST_CASE("lanes that carry as little get their turns") {
  std::set<std::uint32_t> chosen;
  for (std::uint64_t random = 0; random < 3; ++random) chosen.insert(lightest({9, 0, 0, 0}, 0, 8, random));
  CHECK(chosen == std::set<std::uint32_t>{1, 2, 3});
}

TEST_CASE("of many lanes two different ones are looked at, never the own one, and each at some time") {
  std::mt19937_64 random(7);
  std::set<std::uint32_t> seen;
  for (unsigned i = 0; i < 2000; ++i) {
    std::set<std::uint32_t> looked_at;
    balance::lightest_lane(5, 20, 100, random(), [&](std::uint32_t lane) {
      looked_at.insert(lane);
      return 100U;
    });
    CHECK(looked_at.size() == 2);
    seen.merge(looked_at);
  }
  CHECK(seen.size() == 19);
  CHECK(seen.count(5) == 0);
}

TEST_CASE("ends count for 10 to 20 ms") {
  balance::RecentEnds ends;
  ends.add(100, 1'000'000);
  ends.add(100, 1'009'999);
  CHECK(ends.lately(1'009'999) == 2);
  ends.add(100, 1'010'000);
  CHECK(ends.lately(1'019'999) == 3);
  CHECK(ends.lately(1'020'000) == 1);
  CHECK(ends.lately(1'030'000) == 0);
  ends.add(100, 1'030'000);
  CHECK(ends.lately(5'000'000) == 0);
}

TEST_CASE("what lasted a second or more does not count as come and gone") {
  balance::RecentEnds ends;
  ends.add(999'999, 1'000'000);
  ends.add(1'000'000, 1'000'000);
  CHECK(ends.lately(1'000'000) == 1);
}
