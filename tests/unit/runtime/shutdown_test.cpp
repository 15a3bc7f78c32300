// SPDX-License-Identifier: Apache-2.0
#include "runtime/shutdown.hpp"

#include <doctest/doctest.h>

using namespace corelane::runtime;
using corelane::base::time_never;
using Action = Shutdown::Action;
using Phase = Shutdown::Phase;

TEST_CASE("a wish drains, and connections may take as long as they like") {
  Shutdown shutdown(0);
  CHECK(shutdown.phase() == Phase::serving);
  CHECK(shutdown.elapsed(1'000'000) == Action::none);
  CHECK(shutdown.asked(1'000'000) == Action::drain);
  CHECK(shutdown.phase() == Phase::draining);
  CHECK(shutdown.deadline() == time_never);
  CHECK(shutdown.elapsed(INT64_MAX - 1) == Action::none);
  CHECK(shutdown.status() == ExitStatus::fine);
}

TEST_CASE("the end of the drain time stops, once") {
  Shutdown shutdown(500);
  CHECK(shutdown.deadline() == time_never);
  CHECK(shutdown.asked(1000) == Action::drain);
  CHECK(shutdown.deadline() == 1500);
  CHECK(shutdown.elapsed(1499) == Action::none);
  CHECK(shutdown.elapsed(1500) == Action::stop);
  CHECK(shutdown.phase() == Phase::stopping);
  CHECK(shutdown.status() == ExitStatus::drain_cut);
  CHECK(shutdown.deadline() == time_never);
  CHECK(shutdown.elapsed(2000) == Action::none);
  CHECK(shutdown.asked(2000) == Action::none);
  CHECK(shutdown.status() == ExitStatus::drain_cut);
}

TEST_CASE("a second wish stops at once, and the drain time no longer matters") {
  Shutdown shutdown(500);
  CHECK(shutdown.asked(1000) == Action::drain);
  CHECK(shutdown.asked(1001) == Action::stop);
  CHECK(shutdown.status() == ExitStatus::stopped);
  CHECK(shutdown.deadline() == time_never);
  CHECK(shutdown.elapsed(5000) == Action::none);
  CHECK(shutdown.asked(5000) == Action::none);
  CHECK(shutdown.status() == ExitStatus::stopped);
}
