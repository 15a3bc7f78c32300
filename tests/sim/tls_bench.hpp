// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "proxy/lane.hpp"
#include "sim/kernel.hpp"
#include "sim/tls_talker.hpp"

/// What simulated tests of TLS do with their one lane.
namespace corelane::sim {

inline constexpr unsigned lane_turns_max = 200'000;

/// Buffers of one of the sizes, and sometimes few of them.
inline proxy::LaneOptions lane_options(Random& random, std::initializer_list<std::uint32_t> buffer_sizes,
                                       std::uint32_t clients) {
  proxy::LaneOptions options;
  options.connections_max = clients;
  options.wall_offset_us = tls_test_time * 1'000'000;
  options.ring.buffer_size = random.pick(buffer_sizes);
  options.ring.buffers_max = random.pick({4U, 64U});
  options.ring.buffers_offered_min = options.ring.buffers_offered_max = 4;
  options.ring.buffers_reserved = 4 * clients;
  return options;
}

inline void start_lane(std::optional<proxy::Lane>& lane, proxy::LaneShared& shared,
                       const proxy::LaneOptions& options, Kernel& kernel, Listener& listener) {
  lane.emplace(shared, options);
  shared.blocks.push_back(&lane->counters());
  std::string failure;
  REQUIRE(lane->start(failure));
  lane->listen(0, 0, kernel.open(listener));
  tls::set_time(tls_test_time);
}

/// Until the lane has ended: it drains when `over()`, and is stopped at `stop_at`, if it is still there.
template <class Over>
void run_lane(proxy::Lane& lane, const Kernel& kernel, std::optional<TimeUs> stop_at, Over over) {
  bool told = false;
  for (unsigned turns = 0; lane.turn(10'000); ++turns) {
    REQUIRE(turns < lane_turns_max);
    const bool late = stop_at && kernel.now() > *stop_at;
    if (told || !(over() || late)) continue;
    told = true;
    const auto kind = late ? proxy::LaneMessage::Kind::stop : proxy::LaneMessage::Kind::drain;
    lane.post({.kind = kind}, nullptr);
  }
}

/// Its descriptors are closed with it.
inline void end_lane(std::optional<proxy::Lane>& lane, const Kernel& kernel) {
  lane.reset();
  CHECK_MESSAGE(kernel.descriptors_open() == 0, kernel.descriptors_text());
}

/// All have come and gone.
template <class Clients>
bool all_gone(const Clients& clients) {
  return std::ranges::all_of(clients,
                             [](const auto& client) { return client.attached() && client.closed(); });
}

}  // namespace corelane::sim
