// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipe_pool.hpp"

#include <doctest/doctest.h>

#include "proxy/flow.hpp"

using corelane::proxy::Flow;
using corelane::proxy::PipeLoan;
using corelane::proxy::PipePool;

TEST_CASE("pipes are lent up to the limit, kept open, and used again") {
  PipePool pool(2, 65536);
  Flow flows[3];
  PipeLoan* first = pool.borrow(flows[0]);
  PipeLoan* second = pool.borrow(flows[1]);
  REQUIRE(first != nullptr);
  REQUIRE(second != nullptr);
  CHECK(pool.borrow(flows[2]) == nullptr);
  CHECK(first->pipe.capacity >= 4096);
  CHECK(pool.longest_unused() == first);
  pool.touch(*first);
  CHECK(pool.longest_unused() == second);
  pool.give_back(second);
  CHECK(pool.open_count() == 2);
  CHECK(pool.borrow(flows[2]) == second);
  CHECK(second->flow == &flows[2]);
  pool.give_back(first);
  pool.give_back(second);
  CHECK(pool.longest_unused() == nullptr);
}

TEST_CASE("a pipe that comes back with bytes in it is closed, so that no later flow sees them") {
  PipePool pool(1, 65536);
  Flow flow;
  PipeLoan* loan = pool.borrow(flow);
  REQUIRE(loan != nullptr);
  loan->bytes = 5;
  pool.give_back(loan);
  CHECK(pool.open_count() == 0);
  loan = pool.borrow(flow);
  CHECK(loan->bytes == 0);
  CHECK(pool.open_count() == 1);
  pool.give_back(loan);
}

TEST_CASE("without pipes nothing is spliced") {
  PipePool pool(0, 65536);
  Flow flow;
  CHECK_FALSE(pool.enabled());
  CHECK(pool.borrow(flow) == nullptr);
}
