// SPDX-License-Identifier: Apache-2.0
#include "stats/rate.hpp"

#include <doctest/doctest.h>

using corelane::stats::RateCounter;

namespace {
constexpr corelane::base::TimeUs second = 1'000'000;
}

TEST_CASE("a rate follows what came in the last second") {
  RateCounter rate;
  CHECK(rate.per_second(5 * second) == 0);
  for (int i = 0; i < 100; ++i) rate.add(10 * second + i);
  CHECK(rate.per_second(10 * second + 500) == 100);
  CHECK(rate.per_second(11 * second) == 100);
  CHECK(rate.per_second(11 * second + second / 4) == 75);
  for (int i = 0; i < 10; ++i) rate.add(11 * second + second / 2);
  CHECK(rate.per_second(11 * second + second / 2) == 60);
  CHECK(rate.per_second(12 * second + second / 2) == 5);
  CHECK(rate.per_second(13 * second) == 0);
}

TEST_CASE("one event does not flap, and old ones are forgotten") {
  RateCounter rate;
  rate.add(3 * second);
  CHECK(rate.per_second(4 * second + second / 2) == 1);
  CHECK(rate.per_second(5 * second) == 0);
  rate.add(900'000 * second);
  CHECK(rate.per_second(900'000 * second) == 1);
}

TEST_CASE("more events than are counted stay at the most") {
  RateCounter rate;
  for (int i = 0; i < (1 << 22) + 10; ++i) rate.add(second);
  CHECK(rate.per_second(second) == (1 << 22) - 1);
  CHECK(rate.per_second(2 * second) == (1 << 22) - 1);
}
