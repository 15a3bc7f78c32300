// SPDX-License-Identifier: Apache-2.0
#include "control/rates.hpp"

#include <doctest/doctest.h>

using corelane::control::Rate;

TEST_CASE("a rate is the growth of a total over the time between two samples") {
  Rate rate;
  CHECK(rate.per_second() == 0);
  rate.sample(100, 1'000'000);
  CHECK(rate.per_second() == 100);
  rate.sample(130, 2'000'000);
  CHECK(rate.per_second() == 15);
  CHECK(rate.per_second_max() == 100);
  rate.sample(130, 1'000'000);
  CHECK(rate.per_second() == 0);
}

TEST_CASE("a total that seems to fall is no growth") {
  Rate rate;
  rate.sample(100, 1'000'000);
  rate.sample(90, 1'000'000);
  CHECK(rate.per_second() == 0);
  rate.sample(110, 1'000'000);
  CHECK(rate.per_second() == 10);
}

TEST_CASE("no time is no sample") {
  Rate rate;
  rate.sample(100, 0);
  CHECK(rate.per_second() == 0);
  rate.sample(100, 500'000);
  CHECK(rate.per_second() == 200);
}
