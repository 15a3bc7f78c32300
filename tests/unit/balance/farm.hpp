// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "balance/balancer.hpp"

namespace corelane::balance {

/// One lane in front of a set of servers, as a test drives it.
struct Farm {
  Farm(std::string_view algorithm_name, std::vector<std::uint32_t> weights, std::uint32_t lane = 0,
       std::uint32_t lanes = 1, const Hash& hash = {})
      : algorithm(registry()[find(algorithm_name)]), scratch(weights.size()) {
    for (std::uint32_t weight : weights) servers.push_back({.weight = weight});
    options.hash = hash;
    state.lane = lane;
    state.lanes = lanes;
    state.scratch = scratch;
    algorithm.changed(state, servers, options);
  }

  std::uint32_t pick(const PickInput& input = {}) { return algorithm.pick(state, servers, input, options); }
  std::uint32_t pick_hash(std::uint32_t hash) { return pick({.key_hash = hash}); }
  void set_weight(std::size_t server, std::uint32_t weight) {
    servers[server].weight = weight;
    algorithm.changed(state, servers, options);
  }
  std::uint64_t total_weight() const {
    std::uint64_t total = 0;
    for (const ServerView& server : servers) total += server.weight;
    return total;
  }

  const Algorithm& algorithm;
  std::vector<ServerView> servers;
  std::vector<ServerScratch> scratch;
  Options options;
  State state;
};

inline constexpr Hash consistent{.type = HashType::consistent};

/// The next picks as letters: "abac".
inline std::string picks_text(Farm& farm, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += static_cast<char>('a' + farm.pick());
  return text;
}

inline std::vector<std::uint32_t> random_weights(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint32_t> weights(count);
  const std::uint64_t limit = 1 + random() % 256;
  for (std::uint32_t& weight : weights) weight = static_cast<std::uint32_t>(random() % (limit + 1));
  if (count > 0 && weights[0] == 0) weights[0] = 1;
  return weights;
}

}  // namespace corelane::balance
