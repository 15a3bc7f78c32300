// SPDX-License-Identifier: Apache-2.0
#include "stats/sum.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace corelane::stats;

namespace {

template <class Group>
void fill(Group& group, std::span<const CounterRow<Group>> rows, Sums<Group>& expected,
          std::mt19937_64& random) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t value = random() % 1000;
    (group.*rows[i].counter).set(value);
    expected.values[i] += value;
  }
}

}  // namespace

TEST_CASE("sums are over all lanes and of the asked position only") {
  constexpr std::uint64_t seed = 11;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::size_t servers[] = {1, 2};
  const std::size_t binds[] = {1, 1};
  LaneBlock first(binds, servers), second(binds, servers);
  Sums<LaneCounters> lane;
  Sums<FrontendCounters> frontend[2];
  Sums<TlsCounters> tls[2];
  Sums<BackendCounters> backend[2];
  Sums<ServerCounters> server;
  for (LaneBlock* block : {&first, &second}) {
    fill(block->lane(), lane_rows(), lane, random);
    for (std::size_t i = 0; i < 2; ++i) {
      fill(block->frontend(i), frontend_rows(), frontend[i], random);
      fill(block->tls(i), tls_rows(), tls[i], random);
      fill(block->backend(i), backend_rows(), backend[i], random);
    }
    fill(block->server(1, 1), server_rows(), server, random);
  }
  const LaneBlock* lanes[] = {&first, &second};
  CHECK(sum_lanes(lanes).values == lane.values);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(sum_frontend(lanes, i).values == frontend[i].values);
    CHECK(sum_tls(lanes, i).values == tls[i].values);
    CHECK(sum_backend(lanes, i).values == backend[i].values);
  }
  CHECK(sum_server(lanes, 1, 1).values == server.values);
  CHECK(sum_server(lanes, 1, 0).values == Sums<ServerCounters>{}.values);
  CHECK(sum_lanes({}).values == Sums<LaneCounters>{}.values);
}

TEST_CASE("a gauge whose last lane is read before its first one is 0, and a total is what it is") {
  const std::size_t servers[] = {1};
  LaneBlock from({}, servers), to({}, servers);
  to.server(0, 0).connections_idle.subtract();
  const LaneBlock* lanes[] = {&from, &to};
  const auto idle = [&lanes] {
    const auto rows = server_rows();
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].name == "connections_idle") return sum_server(lanes, 0, 0).values[i];
    return std::uint64_t{99};
  };
  CHECK(idle() == 0);
  from.server(0, 0).connections_idle.add(3);
  CHECK(idle() == 2);
}
