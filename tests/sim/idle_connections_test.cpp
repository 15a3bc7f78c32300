// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/idle_bench.hpp"

using namespace corelane;
using namespace corelane::sim;

TEST_CASE("the connection that was used last is taken first, with its receive in flight") {
  Bench bench;
  const Link first = bench.open_idle();
  bench.run(1000);
  const Link second = bench.open_idle();
  bench.run(1000);
  CHECK(bench.idle().idle() == 2);
  CHECK(bench.idle().take(0, 1) == nullptr);
  ServerConnection* taken = bench.idle().take(0, 0);
  CHECK(taken == second.connection);
  CHECK(taken->receive.in_flight);
  CHECK(taken->exchanges == 1);
  CHECK(bench.idle().take(0, 0) == first.connection);
  CHECK(bench.idle().take(0, 0) == nullptr);
  CHECK(bench.idle().empty());
  bench.drop(first.connection);
  bench.drop(second.connection);
}

TEST_CASE("the receive that was in flight brings the answer to whoever took the connection") {
  Bench bench;
  const Link link = bench.open_idle();
  bench.run(1000);
  ServerConnection* taken = bench.idle().take(0, 0);
  static std::string received;
  received.clear();
  taken->receive.handler = [](io::Op&, io::Completion& completion) {
    const auto bytes = completion.lease.bytes();
    received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const std::string answer = "HTTP/1.1 204 No Content";
  bench.kernel.send(*link.server_end, std::as_bytes(std::span(answer)));
  bench.run(10'000);
  CHECK(received == answer);
  taken->receive.handler = ignore;
  bench.drop(taken);
}

TEST_CASE("only connections that were used again are proven") {
  constexpr auto proven = proxy::IdleConnections::Wanted::proven;
  Bench bench;
  const Link link = bench.open_idle();
  CHECK(bench.idle().take(0, 0, proven) == nullptr);
  REQUIRE(bench.idle().take(0, 0) == link.connection);
  REQUIRE(bench.idle().put(*link.connection, 0, 0));
  bench.run(1000);
  const Link later = bench.open_idle();
  CHECK(bench.idle().take(0, 0, proven) == link.connection);
  CHECK(bench.idle().take(0, 0, proven) == nullptr);
  CHECK(later.connection->linked());
  bench.drop(link.connection);
}

TEST_CASE("whatever an idle connection hears ends it") {
  for (const char* what : {"end", "reset", "bytes", "bytes and end"}) {
    CAPTURE(what);
    Bench bench;
    const Link link = bench.open_idle();
    const Link other = bench.open_idle();
    bench.run(1000);
    const std::string said = what;
    if (said.starts_with("bytes")) bench.kernel.send(*link.server_end, std::as_bytes(std::span(said)));
    if (said.ends_with("end")) bench.kernel.shutdown_send(*link.server_end);
    if (said == "reset") bench.kernel.reset(*link.server_end);
    bench.run(20'000);
    CHECK(bench.idle().idle() == 1);
    CHECK(bench.lanes[0]->server_connections.used() == 1);
    CHECK(server_sees_end(bench, *link.server_end));
    CHECK(other.connection->linked());
  }
}

TEST_CASE("without a buffer the connection is looked at when it is taken, and watched again later") {
  Weather weather = calm();
  weather.no_buffer = 1000;
  for (const bool closed : {false, true}) {
    CAPTURE(closed);
    Bench bench(weather);
    const Link link = bench.open_idle();
    bench.kernel.send(*link.server_end, {});
    bench.run(1000);
    CHECK(bench.idle().idle() == 1);
    CHECK(!link.connection->receive.in_flight);
    if (closed) bench.kernel.shutdown_send(*link.server_end);
    bench.run(10'000);
    ServerConnection* taken = bench.idle().take(0, 0);
    CHECK((taken == nullptr) == closed);
    if (taken != nullptr) bench.drop(taken);
  }
}

TEST_CASE("those that found no buffer are watched again after a purge") {
  Weather weather = calm();
  weather.no_buffer = 500;
  Bench bench(weather);
  std::vector<Link> links;
  for (int i = 0; i < 16; ++i) links.push_back(bench.open_idle());
  const auto unwatched = [&] {
    return std::count_if(links.begin(), links.end(),
                         [](const Link& link) { return !link.connection->receive.in_flight; });
  };
  bench.run(1000);
  const auto before = unwatched();
  CHECK(before > 0);
  bench.run(purge_delay);
  CHECK(unwatched() < before);
  CHECK(bench.idle().idle() == 16);
}

TEST_CASE("half of those that nobody needed since the last purge go") {
  Bench bench;
  for (int i = 0; i < 8; ++i) bench.open_idle();
  bench.run(purge_delay + one_second);
  CHECK(bench.idle().idle() == 8);  // none was idle all the time
  ServerConnection* used[3];
  for (ServerConnection*& connection : used) connection = bench.idle().take(0, 0);
  for (ServerConnection* connection : used) REQUIRE(bench.idle().put(*connection, 0, 0));
  bench.run(purge_delay);
  CHECK(bench.idle().idle() == 5);  // five were not needed
  for (ServerConnection* connection : used) CHECK(connection->linked());
  bench.run(purge_delay);
  CHECK(bench.idle().idle() == 2);
  bench.run(purge_delay);
  CHECK(bench.idle().idle() == 1);
  CHECK(bench.counters().connections_idle.get() == 1);
  CHECK(bench.counters().connections_purged.get() == 7);
  bench.run(purge_delay);
  CHECK(bench.idle().empty());
  CHECK(bench.counters().connections_idle.get() == 0);
}

TEST_CASE("what may not be shared or has no place is not taken over") {
  Bench bench;
  const Link link = bench.open();
  SUBCASE("of one client") {
    link.connection->private_to_session = true;
  }
  SUBCASE("of a server that is down") {
    bench.server_status(0, proxy::ServerStatus::down);
  }
  SUBCASE("to where the server was before") {
    bench.move_server();
  }
  SUBCASE("while the lane drains") {
    bench.lanes[0]->draining = true;
  }
  SUBCASE("beyond the process's limit") {
    for (std::uint32_t i = 0; i < connections_few; ++i) bench.open_idle(1);
  }
  CHECK(!bench.idle().put(*link.connection, 0, 0));
  bench.drop(link.connection);
}

TEST_CASE("a server's own limits hold for the whole process") {
  SUBCASE("idle connections") {
    Bench bench(calm(), 1, 2, 3, connections_few, {.max_connections = 4});
    std::vector<Load> refused;
    for (std::uint32_t i = 0; i < 9; ++i) {
      const Load load{i % 3, bench.open(0, i % 3).connection};
      if (!bench.lanes[load.lane]->idle_connections.put(*load.connection, 0, 0)) refused.push_back(load);
    }
    CHECK(refused.size() == 5);
    bench.run(10'000);
    const Link elsewhere = bench.open_idle(1);
    CHECK(elsewhere.connection->linked());
    ServerConnection* taken = bench.idle().take(0, 0);
    CHECK(bench.lanes[refused[0].lane]->idle_connections.put(*refused[0].connection, 0, 0));
    CHECK(!bench.idle().put(*taken, 0, 0));
    bench.drop(taken);
    for (std::size_t i = 1; i < refused.size(); ++i) bench.drop(refused[i].connection, refused[i].lane);
    bench.run(purge_delay * 6);
    CHECK(bench.topology.backends()[0].servers[0].state->idle_connections == 0);
  }
  SUBCASE("further requests on one connection") {
    Bench bench(calm(), 1, 1, 1, connections_few, {.max_reuse = 2});
    const Link link = bench.open_idle();
    for (int further = 1; further <= 2; ++further) {
      REQUIRE(bench.idle().take(0, 0) == link.connection);
      CHECK(bench.idle().put(*link.connection, 0, 0) == (further < 2));
    }
    bench.drop(link.connection);
  }
  SUBCASE("none at all") {
    Bench bench(calm(), 1, 1, 1, connections_few, {.purge_delay_us = 0});
    const Link link = bench.open();
    CHECK(!bench.idle().put(*link.connection, 0, 0));
    bench.drop(link.connection);
  }
}

TEST_CASE("a server that goes down or moves has no idle connections any more") {
  Bench bench;
  const Link link = bench.open_idle();
  const Link other = bench.open_idle(1);
  bench.run(1000);
  SUBCASE("down, and told") {
    bench.server_status(0, proxy::ServerStatus::down);
    bench.idle().servers_changed(0);
  }
  SUBCASE("moved, and seen when one is wanted") {
    bench.move_server();
    CHECK(bench.idle().take(0, 0) == nullptr);
  }
  SUBCASE("moved, and seen by the purge") {
    bench.move_server();
    bench.run(purge_delay);
  }
  SUBCASE("forgotten") {
    bench.idle().forget_server(0, 0);
  }
  bench.run(10'000);
  CHECK(bench.idle().idle() == 1);
  CHECK(other.connection->linked());
  CHECK(server_sees_end(bench, *link.server_end));
}

TEST_CASE("the least recently used ones of each server in turn make room") {
  Bench bench;
  const Link first = bench.open_idle(0);
  bench.run(1000);
  bench.open_idle(0);
  const Link elsewhere = bench.open_idle(1);
  CHECK(bench.idle().evict_one());
  CHECK(bench.idle().evict_one());
  bench.run(10'000);
  CHECK(bench.idle().idle() == 1);
  CHECK(server_sees_end(bench, *first.server_end));
  CHECK(server_sees_end(bench, *elsewhere.server_end));
  CHECK(bench.idle().evict_one());
  CHECK(!bench.idle().evict_one());
}

TEST_CASE("in any weather connections are taken alive, and none is lost") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Weather weather;
    sim::Random random(seed);
    weather.multishot_capped = random.chance(500);
    weather.no_buffer = random.pick({0U, 5U, 300U});
    weather.multishot_ends = random.pick({0U, 50U, 500U});
    const std::uint32_t lanes = random.number(1, 3);
    Bench bench(weather, seed, 2, lanes);
    std::vector<Link> everyone;
    std::vector<Load> in_use;
    for (int step = 0; step < 80; ++step) {
      const std::uint32_t lane = random.number(0, lanes - 1);
      proxy::IdleConnections& idle = bench.lanes[lane]->idle_connections;
      switch (random.number(0, 9)) {
        case 0:
        case 1:
        case 2:
          if (everyone.size() == connections_few) break;
          everyone.push_back(bench.open(0, lane));
          in_use.push_back({lane, everyone.back().connection});
          break;
        case 3:
        case 4: {
          if (in_use.empty()) break;
          const Load load = in_use.back();
          in_use.pop_back();
          if (!bench.lanes[load.lane]->idle_connections.put(*load.connection, 0, 0))
            bench.drop(load.connection, load.lane);
          break;
        }
        case 5:
        case 6: {
          const bool settled = random.chance(500);
          if (settled) bench.run(200'000);
          ServerConnection* taken = idle.take(0, 0);
          if (taken == nullptr) break;
          taken->receive.handler = ignore;
          if (settled) CHECK(io::socket_quiet(taken->socket));
          in_use.push_back({lane, taken});
          break;
        }
        case 7: {
          if (everyone.empty()) break;
          Socket& end = *everyone[random.size(0, everyone.size() - 1)].server_end;
          const unsigned what = random.number(0, 2);
          if (what == 0) bench.kernel.shutdown_send(end);
          if (what == 1) bench.kernel.reset(end);
          if (what == 2) bench.kernel.send(end, std::as_bytes(std::span("late")));
          break;
        }
        case 8:
          if (random.chance(200)) idle.forget_server(0, 0);
          if (random.chance(300)) idle.evict_one();
          break;
        default:
          bench.run(random.pick<base::TimeUs>({1, 500, 100'000, purge_delay}));
      }
    }
    for (const Load& load : in_use) bench.drop(load.connection, load.lane);
  }
}
