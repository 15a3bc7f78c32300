// SPDX-License-Identifier: Apache-2.0
#include "balance/algorithms.hpp"
#include "balance/candidate.hpp"

namespace corelane::balance {
namespace {

/// The server that owns the hash: as many of the total weight's hash values as its weight, room or not, so
/// that a full server moves its own clients only.
std::size_t owner(std::span<const ServerView> servers, std::uint64_t hash) {
  std::uint64_t total = 0;
  for (const ServerView& server : servers) total += server.weight;
  if (total == 0) return servers.size();
  std::uint64_t rest = hash % total;
  std::size_t index = 0;
  while (rest >= servers[index].weight) rest -= servers[index++].weight;
  return index;
}

}  // namespace

std::uint32_t source_pick(State& /*state*/, std::span<const ServerView> servers, const PickInput& input,
                          std::uint32_t /*draws*/) {
  const std::size_t count = servers.size();
  const std::size_t first = owner(servers, input.source_hash);
  if (first == count) return no_server;
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t index = first + step < count ? first + step : first + step - count;
    if (candidate(servers, index, input)) return static_cast<std::uint32_t>(index);
  }
  return last_resort(servers, input);
}

}  // namespace corelane::balance
