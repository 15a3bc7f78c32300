// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "proxy/idle_board.hpp"
#include "proxy/lane_state.hpp"
#include "sim/kernel.hpp"

namespace corelane::sim {

using proxy::ServerConnection;

inline constexpr std::uint32_t connections_few = 64;
inline constexpr base::TimeUs one_second = 1'000'000;
inline constexpr base::TimeUs purge_delay = 5 * one_second;

inline Weather calm() {
  Weather weather;
  weather.short_io = weather.spurious_poll = weather.no_buffer = weather.multishot_ends = 0;
  weather.cancel_races = weather.splice_again = weather.dispatch_partial = weather.early_submit = 0;
  return weather;
}

/// What servers say of their idle connections.
struct PoolLimits {
  std::uint32_t max_connections = 0;
  std::uint32_t max_reuse = 0;
  base::TimeUs purge_delay_us = purge_delay;
};

inline config::Model model_of(std::size_t servers, const PoolLimits& limits) {
  config::Model model;
  config::Backend& backend = model.backends.emplace_back();
  backend.name = "web";
  backend.mode = config::Mode::http;
  for (std::size_t s = 0; s < servers; ++s) {
    config::Server& server = backend.servers.emplace_back();
    server.name = "s" + std::to_string(s);
    server.pool_max_connections = limits.max_connections;
    server.max_reuse = limits.max_reuse;
    server.pool_purge_delay_ms = limits.purge_delay_us / 1000;
  }
  return model;
}

inline std::vector<std::vector<io::SocketAddress>> addresses_of(std::size_t servers) {
  std::vector<io::SocketAddress> addresses;
  for (std::size_t s = 0; s < servers; ++s) {
    addresses.push_back(io::SocketAddress::from_endpoint(
        *base::endpoint_from_ip("10.1.0.1", static_cast<std::uint16_t>(80 + s))));
  }
  return {addresses};
}

inline proxy::LaneOptions lane_options(std::uint32_t index, std::uint32_t lanes,
                                       std::uint32_t connections_max) {
  proxy::LaneOptions options;
  options.index = index;
  options.lanes = lanes;
  options.connections_max = connections_max;
  options.ring.buffer_size = 100;
  options.ring.buffers_max = 64;
  options.ring.buffers_offered_min = options.ring.buffers_offered_max = 8;
  options.log_queue_records = 8;
  return options;
}

/// A connection, and the server's end of it.
struct Link {
  ServerConnection* connection = nullptr;
  Socket* server_end = nullptr;
};

/// A connection that a stream would have now.
struct Load {
  std::uint32_t lane;
  ServerConnection* connection;
};

/// The idle connections of lanes, without the streams that use them.
struct Bench {
  explicit Bench(const Weather& weather = calm(), std::uint64_t seed = 1, std::size_t servers = 2,
                 std::uint32_t lane_count = 1, std::uint32_t limit = connections_few,
                 const PoolLimits& limits = {})
      : kernel(seed, weather, [](const std::string& what) { FAIL(what); }),
        listener(kernel.make_listener(*base::endpoint_from_ip("10.0.0.1", 80), 1000)),
        topology(model_of(servers, limits), addresses_of(servers)),
        shared(topology, limit, lane_count),
        connections_max(limit) {
    for (std::uint32_t index = 0; index < lane_count; ++index) {
      lanes.push_back(std::make_unique<proxy::LaneState>(shared, lane_options(index, lane_count, limit)));
      shared.blocks.push_back(&lanes.back()->counters);
      std::string failure;
      lanes.back()->ring = io::Ring::create(lanes.back()->options.ring, failure);
      lanes.back()->now = lanes.back()->ring->now();
      lanes.back()->wheel.emplace(lanes.back()->now);
    }
  }

  ~Bench() {
    for (auto& lane : lanes) {
      lane->draining = true;
      lane->idle_connections.close_all();
    }
    run(one_second);
    std::uint64_t idle_by_all = 0;
    for (auto& lane : lanes) {
      idle_by_all += lane->counters.server(0, 0).connections_idle.get();
      CHECK(lane->idle_connections.empty());
      CHECK(lane->server_connections.used() == 0);
    }
    CHECK(idle_by_all == 0);
    proxy::LaneBudget budget(shared.idle_budget);
    // Beyond this lanes keep some permits in hand.
    if (connections_max <= connections_few) CHECK(budget.headroom() == connections_max);
    CHECK_MESSAGE(kernel.descriptors_open() == 0, kernel.descriptors_text());
  }

  /// As a stream that connected to this server.
  Link open(std::uint32_t server = 0, std::uint32_t lane = 0) {
    Link link;
    link.server_end = kernel.connect_to_listener(listener, *base::endpoint_from_ip("10.0.0.2", 1000));
    link.connection = lanes[lane]->server_connections.acquire(proxy::Side::server, kernel.accept(listener));
    link.connection->address = &topology.backends()[0].servers[server].address();
    return link;
  }

  Link open_idle(std::uint32_t server = 0) {
    const Link link = open(server);
    REQUIRE(idle().put(*link.connection, 0, server));
    return link;
  }

  /// As a stream that has no more use for it.
  void drop(ServerConnection* connection, std::uint32_t lane = 0) {
    proxy::LaneState& owner = *lanes[lane];
    connection->receive.handler = [](io::Op&, io::Completion&) {};
    owner.ring->cancel(connection->receive);
    while (connection->ops_in_flight != 0) turn(owner, 1000);
    owner.ring->close(connection->socket);
    owner.server_connections.release(connection);
  }

  void turn(proxy::LaneState& lane, base::TimeUs wait_us) {
    lane.ring->submit_and_wait(wait_us);
    lane.now = lane.ring->now();
    lane.ring->dispatch(1024);
    lane.wheel->advance(lane.now);
  }

  void run(base::TimeUs us) {
    const base::TimeUs until = kernel.now() + us;
    while (kernel.now() < until) {
      for (auto& lane : lanes) turn(*lane, 50'000);
    }
  }

  void server_status(std::uint32_t server, proxy::ServerStatus status) {
    topology.publish(0, server, {.status = status});
  }

  void move_server() {
    topology.set_address(0, 0, io::SocketAddress::from_endpoint(*base::endpoint_from_ip("10.1.0.9", 80)),
                         "10.1.0.9:80");
  }

  stats::ServerCounters& counters() { return lanes[0]->counters.server(0, 0); }

  proxy::IdleConnections& idle() { return lanes[0]->idle_connections; }

  Kernel kernel;
  sim::Listener& listener;
  proxy::Topology topology;
  proxy::LaneShared shared;
  std::uint32_t connections_max;
  std::vector<std::unique_ptr<proxy::LaneState>> lanes;
};

inline bool server_sees_end(Bench& bench, Socket& server_end) {
  std::byte room[16];
  const std::int64_t result = bench.kernel.receive(server_end, room);
  return result == 0 || result == -ECONNRESET;
}

inline void ignore(io::Op&, io::Completion&) {}

}  // namespace corelane::sim
