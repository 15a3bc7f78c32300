// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/idle_bench.hpp"

using namespace corelane;
using namespace corelane::sim;

TEST_CASE("what is beyond a lane's share is there for every lane, alive") {
  Bench bench(calm(), 1, 2, 2);
  proxy::IdleConnections& other_lane = bench.lanes[1]->idle_connections;
  CHECK(bench.idle().take(0, 0) == nullptr);
  const Link kept = bench.open_idle();
  bench.run(1000);
  const Link shared = bench.open();
  shared.connection->receive.handler = ignore;
  bench.lanes[0]->ring->receive(shared.connection->receive, shared.connection->socket, 100);
  bench.run(1000);
  const io::Descriptor socket = shared.connection->socket;
  REQUIRE(bench.idle().put(*shared.connection, 0, 0));
  CHECK(other_lane.take(0, 0) == nullptr);  // its receive has not come back
  CHECK(bench.idle().idle() == 1);
  SUBCASE("it is taken") {
    bench.run(10'000);
    ServerConnection* taken = other_lane.take(0, 0);
    REQUIRE(taken != nullptr);
    CHECK(taken->socket == socket);
    CHECK(!taken->receive.in_flight);
    CHECK(taken->exchanges == 1);
    CHECK(other_lane.take(0, 0) == nullptr);
    CHECK(other_lane.take(0, 1) == nullptr);
    CHECK(bench.lanes[0]->server_connections.used() == 1);
    REQUIRE(other_lane.put(*taken, 0, 0));
    CHECK(other_lane.idle() == 1);
  }
  SUBCASE("not when the server closes it") {
    bench.run(10'000);
    bench.kernel.shutdown_send(*shared.server_end);
    bench.run(10'000);
    CHECK(other_lane.take(0, 0) == nullptr);
    bench.run(10'000);
    CHECK(server_sees_end(bench, *shared.server_end));
  }
  SUBCASE("not when something came on its way") {
    bench.kernel.send(*shared.server_end, std::as_bytes(std::span("late")));
    while (bench.kernel.next_event() != base::time_never) bench.kernel.run_next_event();
    bench.run(10'000);
    CHECK(other_lane.take(0, 0) == nullptr);
    bench.run(10'000);
    CHECK(server_sees_end(bench, *shared.server_end));
  }
  SUBCASE("not when the server is down or elsewhere") {
    bench.run(10'000);
    SUBCASE("elsewhere") {
      bench.move_server();
    }
    SUBCASE("down") {
      bench.server_status(0, proxy::ServerStatus::down);
      bench.idle().servers_changed(0);
    }
    CHECK(other_lane.take(0, 0) == nullptr);
  }
  SUBCASE("not after a purge that found it dead, or two that found it idle") {
    bench.run(10'000);
    SUBCASE("dead") {
      bench.kernel.reset(*shared.server_end);
    }
    SUBCASE("idle") {}
    bench.run(purge_delay * 3);
    CHECK(server_sees_end(bench, *shared.server_end));
    CHECK(server_sees_end(bench, *kept.server_end));
  }
}

TEST_CASE("a connection from a source port stays in its lane") {
  Bench bench(calm(), 1, 1, 2);
  CHECK(bench.idle().take(0, 0) == nullptr);
  bench.open_idle();
  const Link link = bench.open();
  link.connection->source_pool = 0;
  REQUIRE(bench.idle().put(*link.connection, 0, 0));
  CHECK(bench.idle().idle() == 2);
  link.connection->source_pool = config::no_index;
}

namespace {

struct LoadResult {
  std::uint32_t requests = 0;
  std::uint32_t opened = 0;     // in the second half: when everything has settled
  std::uint32_t held_most = 0;  // connections to the server, in use and idle
  std::uint32_t in_use_most = 0;
};

/// Requests come to random lanes, about `concurrent` at a time.
LoadResult play_load(std::uint32_t lanes, std::uint32_t concurrent, int steps) {
  Bench bench(calm(), 1, 1, lanes, 4096);
  sim::Random random(7);
  LoadResult result;
  std::vector<Load> in_progress;
  std::uint32_t connections = 0;
  const auto begin = [&](bool counts) {
    const std::uint32_t lane = random.number(0, lanes - 1);
    ServerConnection* connection = bench.lanes[lane]->idle_connections.take(0, 0);
    if (connection == nullptr) {
      connection = bench.open(0, lane).connection;
      result.opened += counts ? 1U : 0U;
    }
    connection->receive.handler = ignore;
    bench.lanes[lane]->counters.server(0, 0).connections_current.add();
    in_progress.push_back({lane, connection});
    ++result.requests;
  };
  const auto end = [&] {
    std::swap(in_progress[random.size(0, in_progress.size() - 1)], in_progress.back());
    const Load load = in_progress.back();
    in_progress.pop_back();
    bench.lanes[load.lane]->counters.server(0, 0).connections_current.subtract();
    REQUIRE(bench.lanes[load.lane]->idle_connections.put(*load.connection, 0, 0));
  };
  for (int step = 0; step < steps; ++step) {
    const std::uint32_t wanted = random.number(concurrent / 2, concurrent);
    while (in_progress.size() < wanted) begin(step > steps / 2);
    while (in_progress.size() > wanted / 2) end();
    result.in_use_most = std::max(result.in_use_most, wanted);
    for (auto& lane : bench.lanes) bench.turn(*lane, 1000);
    connections = static_cast<std::uint32_t>(bench.kernel.descriptors_open());
    result.held_most = std::max(result.held_most, connections);
  }
  while (!in_progress.empty()) end();
  bench.run(purge_delay * 12);
  CHECK(bench.kernel.descriptors_open() == 0);
  return result;
}

}  // namespace

TEST_CASE("many lanes hold hardly more connections than one, and open few") {
  for (const std::uint32_t concurrent : {10U, 200U}) {
    for (const std::uint32_t lanes : {1U, 4U, 64U}) {
      CAPTURE(concurrent);
      CAPTURE(lanes);
      const LoadResult result = play_load(lanes, concurrent, 400);
      INFO(lanes, " lanes, ", concurrent, " at a time: ", result.held_most, " connections, ", result.opened,
           " opened late for ", result.requests, " requests");
      CHECK(result.in_use_most == concurrent);
      CHECK(result.held_most <= concurrent * 5 / 4 + 2 * lanes);
      CHECK(result.opened * 50 <= result.requests);
    }
  }
}
