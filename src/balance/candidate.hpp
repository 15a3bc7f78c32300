// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "balance/balancer.hpp"

/// The rules that hold for every algorithm: which servers one pick may choose from.
namespace corelane::balance {

// Every pick asks these of every server: they are written so that no jump depends on a server's state.

/// Has weight and room.
inline bool open(const ServerView& server) noexcept {
  // Without a limit this is connections <= UINT32_MAX.
  return (server.weight > 0) & (server.connections <= server.connections_max - 1);
}

/// Open, and not the server that just failed.
inline bool candidate(std::span<const ServerView> servers, std::size_t index,
                      const PickInput& input) noexcept {
  return (index != input.avoid) & open(servers[index]);
}

/// A server's weight in this pick: 0 unless it is a candidate.
inline std::uint32_t candidate_weight(std::span<const ServerView> servers, std::size_t index,
                                      const PickInput& input) noexcept {
  return candidate(servers, index, input) ? servers[index].weight : 0;
}

/// The answer when there is no candidate: the server to avoid if it is open, else none.
inline std::uint32_t last_resort(std::span<const ServerView> servers, const PickInput& input) noexcept {
  return input.avoid < servers.size() && open(servers[input.avoid]) ? input.avoid : no_server;
}

/// For algorithms that keep nothing that depends on weights.
inline void changed_nothing(State&, std::span<const ServerView>, const Options&) {}

}  // namespace corelane::balance
