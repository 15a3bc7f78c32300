// SPDX-License-Identifier: Apache-2.0
#include "balance/algorithms.hpp"
#include "balance/candidate.hpp"

namespace corelane::balance {
namespace {

/// The candidate that would be least loaded for its weight if it had one connection more.
struct LeastLoaded {
  std::size_t index = SIZE_MAX;
  std::uint64_t load = 1;  // load / weight orders servers
  std::uint64_t weight = 0;

  /// Written without jumps, as which server comes first is not predictable. Weight 0 is passed over.
  void consider(std::size_t other_index, std::uint64_t other_load, std::uint64_t other_weight) {
    const bool less = other_load * weight < load * other_weight;
    index = less ? other_index : index;
    load = less ? other_load : load;
    weight = less ? other_weight : weight;
  }
};

}  // namespace

/// State::cursor is where the search begins: behind the server picked last, so that equals take turns.
std::uint32_t leastconn_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                             const Options& /*options*/) {
  const std::size_t count = servers.size();
  if (count == 0) return no_server;
  const std::size_t lane_offset = count * state.lane / (state.lanes == 0 ? 1 : state.lanes);
  const std::size_t begin = (state.cursor + lane_offset) % count;
  LeastLoaded best;
  const auto consider = [&](std::size_t index) {
    best.consider(index, std::uint64_t{servers[index].connections} + 1,
                  candidate_weight(servers, index, input));
  };
  for (std::size_t index = begin; index < count; ++index) consider(index);
  for (std::size_t index = 0; index < begin; ++index) consider(index);
  if (best.weight == 0) return last_resort(servers, input);
  state.cursor = static_cast<std::uint32_t>((best.index + 1 + count - lane_offset) % count);
  return static_cast<std::uint32_t>(best.index);
}

}  // namespace corelane::balance
