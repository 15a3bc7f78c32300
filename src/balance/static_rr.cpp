// SPDX-License-Identifier: Apache-2.0
#include "balance/algorithms.hpp"
#include "balance/table_walk.hpp"

namespace corelane::balance {

std::uint32_t static_rr_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                             const Options& /*options*/) {
  return next_in_turn(state, state.map, servers, input);
}

void static_rr_changed(State& state, std::span<const ServerView> servers, const Options& /*options*/) {
  state.map.build(servers);
}

}  // namespace corelane::balance
