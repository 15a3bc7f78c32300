// SPDX-License-Identifier: Apache-2.0
#include "control/transitions.hpp"

#include <utility>

namespace corelane::control {

Transitions::Transitions(const proxy::Topology& topology, ServerConditions& conditions,
                         const std::vector<const stats::LaneBlock*>& blocks, Listener listener)
    : topology_(topology), conditions_(conditions), blocks_(blocks), listener_(std::move(listener)) {}

// Counts are those before any connection is ended for the change.
ServerTransition Transitions::begin(std::uint32_t backend, std::uint32_t server) {
  ++depth_;
  ServerTransition transition;
  transition.backend = backend;
  transition.server = server;
  for (const stats::LaneBlock* block : blocks_)
    transition.connections_current += block->server(backend, server).connections_current.get();
  if (const proxy::QueueBoard* board = topology_.backends()[backend].queue_board.get()) {
    transition.requeued = board->waiting(server);
    transition.queued = board->waiting();
  }
  return transition;
}

void Transitions::end(ServerTransition& transition, bool changed) {
  --depth_;
  transition.usable = usable_servers(topology_.backends()[transition.backend]);
  if (transition.up) transition.requeued = 0;
  if (depth_ != 0) {
    if (changed) followers_.push_back(std::move(transition));
    return;
  }
  const std::vector<ServerTransition> followers = std::exchange(followers_, {});
  if (!listener_) return;
  if (changed) listener_(transition);
  for (const ServerTransition& follower : followers) listener_(follower);
}

}  // namespace corelane::control
