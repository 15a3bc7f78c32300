// SPDX-License-Identifier: Apache-2.0
#include "control/transitions.hpp"

#include <utility>

namespace corelane::control {

Transitions::Transitions(const proxy::Topology& topology, ServerConditions& conditions,
                         const std::vector<const stats::LaneBlock*>& blocks, Listener listener)
    : topology_(topology), conditions_(conditions), blocks_(blocks), listener_(std::move(listener)) {}

ServerTransition::To Transitions::present(std::uint32_t backend, std::uint32_t server) const {
  const check::Standing standing = conditions_.standing(backend, server);
  if (!standing.serving()) return ServerTransition::To::down;
  return standing.word == check::ServerWord::nolb ? ServerTransition::To::stopping : ServerTransition::To::up;
}

// Counts are those before any connection is ended for the change.
ServerTransition Transitions::begin(std::uint32_t backend, std::uint32_t server) {
  ++depth_;
  ServerTransition transition;
  transition.backend = backend;
  transition.server = server;
  transition.connections_current = sessions(backend, server);
  if (const proxy::QueueBoard* board = topology_.backends()[backend].queue_board.get()) {
    transition.requeued = board->waiting(server);
    transition.queued = board->waiting();
  }
  return transition;
}

void Transitions::end(ServerTransition& transition, bool changed) {
  --depth_;
  transition.usable = usable_servers(topology_.backends()[transition.backend]);
  if (transition.to == ServerTransition::To::up) transition.requeued = 0;
  if (depth_ != 0) {
    if (changed) followers_.push_back(std::move(transition));
    return;
  }
  if (changed) listener_.on_transition(transition);
  tell_followers();
}

void Transitions::tell_followers() {
  const std::vector<ServerTransition> followers = std::exchange(followers_, {});
  for (const ServerTransition& follower : followers) listener_.on_transition(follower);
}

std::uint64_t Transitions::sessions(std::uint32_t backend, std::uint32_t server) const {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : blocks_)
    sum += block->server(backend, server).connections_current.get();
  return sum;
}

void Transitions::set_admin(std::uint32_t backend, std::uint32_t server, check::AdminState state) {
  const proxy::Backend& prepared = topology_.backends()[backend];
  AdminStateChange change{.backend = backend,
                          .server = server,
                          .before = conditions_.condition(backend, server).admin(),
                          .after = state,
                          .was_serving = conditions_.standing(backend, server).serving(),
                          .sessions = sessions(backend, server)};
  if (change.before == change.after) return;
  const UsableServers before = usable_servers(prepared);
  ++depth_;
  conditions_.set_admin(backend, server, state);
  --depth_;
  change.serving = conditions_.standing(backend, server).serving();
  change.usable = usable_servers(prepared);
  change.took_last = before.active + before.backup != 0 && change.usable.active + change.usable.backup == 0;
  listener_.on_admin_state(change);
  if (depth_ == 0) tell_followers();
}

}  // namespace corelane::control
