// SPDX-License-Identifier: Apache-2.0
#include "proxy/connection_budget.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using corelane::proxy::ConnectionBudget;
using corelane::proxy::LaneBudget;

TEST_CASE("a small limit is exact whichever lane asks") {
  ConnectionBudget shared(3, 2);
  LaneBudget first(shared);
  LaneBudget second(shared);
  CHECK(first.acquire());
  CHECK(second.acquire());
  CHECK(first.acquire());
  CHECK_FALSE(first.acquire());
  CHECK_FALSE(second.acquire());
  second.release();
  CHECK(first.headroom() == 1);
  CHECK(first.acquire());
  CHECK_FALSE(second.acquire());
}

TEST_CASE("a large limit is never passed, and spare permits strand at most a sixty-fourth") {
  for (const std::uint32_t limit : {1000U, 20000U, 1000000U}) {
    CAPTURE(limit);
    constexpr std::uint32_t lanes = 2;
    ConnectionBudget shared(limit, lanes);
    LaneBudget first(shared);
    LaneBudget second(shared);
    for (int i = 0; i < 300; ++i) REQUIRE(second.acquire());
    for (int i = 0; i < 300; ++i) second.release();
    std::uint32_t granted = 0;
    while (first.acquire()) ++granted;
    CHECK(granted <= limit);
    CHECK(granted >= limit - limit / 64 - 1);
  }
}

TEST_CASE("a permit taken beyond the limit is paid back before new ones are granted") {
  ConnectionBudget shared(2, 1);
  LaneBudget lane(shared);
  CHECK(lane.acquire());
  CHECK(lane.acquire());
  lane.acquire_beyond_limit();
  lane.release();
  CHECK_FALSE(lane.acquire());
  lane.release();
  CHECK(lane.acquire());
}

TEST_CASE("lanes in parallel never hold more than the limit together") {
  constexpr std::uint32_t limit = 500;
  ConnectionBudget shared(limit, 2);
  std::atomic<std::int64_t> held{0};
  std::atomic<bool> exceeded{false};
  const auto lane = [&] {
    LaneBudget budget(shared);
    std::uint32_t mine = 0;
    for (int i = 0; i < 20000; ++i) {
      if (i % 3 != 0 && budget.acquire()) {
        ++mine;
        if (held.fetch_add(1) + 1 > limit) exceeded = true;
      } else if (mine > 0) {
        --mine;
        held.fetch_sub(1);
        budget.release();
      }
    }
    while (mine-- > 0) {
      held.fetch_sub(1);
      budget.release();
    }
  };
  std::thread first(lane);
  std::thread second(lane);
  first.join();
  second.join();
  CHECK_FALSE(exceeded.load());
}
