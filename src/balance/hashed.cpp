// SPDX-License-Identifier: Apache-2.0
#include "balance/algorithms.hpp"
#include "balance/table_walk.hpp"

namespace corelane::balance {
namespace {

/// Bounded loads: how many connections each server may have if this pick is counted. HAProxy's rounding,
/// which lets at least one server have one more.
class LoadBound {
 public:
  LoadBound(const Ring& ring, std::span<const ServerView> servers, std::uint32_t factor) : ring_(ring) {
    std::uint64_t connections = 1;
    for (const ServerView& server : servers) connections += server.connections;
    const std::uint64_t slots = (connections * factor + 99) / 100;
    slots_per_place_ = slots / ring.size();
    slots_left_ = slots % ring.size();
  }

  bool allows(std::size_t index, const ServerView& server) const {
    const std::uint64_t places = ring_.places(index);
    const std::uint64_t before = ring_.places_before(index);
    // What is left over after whole slots per place is shared out in the order of the file.
    const std::uint64_t slots = places * slots_per_place_ + (before + places) * slots_left_ / ring_.size() -
                                before * slots_left_ / ring_.size();
    return server.connections < (slots == 0 ? 1 : slots);
  }

 private:
  const Ring& ring_;
  std::uint64_t slots_per_place_;
  std::uint64_t slots_left_;
};

/// The owner of the hash, or for it the next candidate in the table.
template <class Table>
std::uint32_t owner(const Table& table, std::size_t place, std::span<const ServerView> servers,
                    const PickInput& input) {
  const std::size_t found =
      walk(table, servers.size(), place, [&](std::size_t index) { return candidate(servers, index, input); });
  return found == no_place ? last_resort(servers, input) : table.server(found);
}

std::uint32_t pick_from_map(State& state, std::span<const ServerView> servers, const PickInput& input) {
  if (!input.key_hash) return next_in_turn(state, state.map, servers, input);
  return owner(state.map, *input.key_hash % state.map.size(), servers, input);
}

std::uint32_t pick_from_ring(State& state, std::span<const ServerView> servers, const PickInput& input,
                             std::uint32_t factor) {
  const Ring& ring = state.ring;
  if (!input.key_hash) return next_in_turn(state, ring, servers, input);
  const std::size_t nearest = ring.nearest(*input.key_hash);
  if (factor != 0) {
    const LoadBound bound(ring, servers, factor);
    const std::size_t found = walk(ring, servers.size(), nearest, [&](std::size_t index) {
      return candidate(servers, index, input) && bound.allows(index, servers[index]);
    });
    if (found != no_place) return ring.server(found);
  }
  return owner(ring, nearest, servers, input);
}

}  // namespace

std::uint32_t hashed_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                          const Options& options) {
  if (options.hash.type == HashType::consistent) {
    return state.ring.size() == 0 ? no_server
                                  : pick_from_ring(state, servers, input, options.hash_balance_factor);
  }
  return state.map.size() == 0 ? no_server : pick_from_map(state, servers, input);
}

void hashed_changed(State& state, std::span<const ServerView> servers, const Options& options) {
  if (options.hash.type == HashType::consistent) {
    state.ring.update(servers, state.weight_unit);
  } else {
    state.map.build(servers);
  }
}

}  // namespace corelane::balance
