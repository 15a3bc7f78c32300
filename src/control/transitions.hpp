// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "control/check_report.hpp"
#include "control/server_conditions.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"

namespace corelane::control {

/// Where checks, agents and tracking change servers' conditions: tells a listener of each server that came
/// up, went down or began to stop by it, and why; and of those whose administrative state was changed, by
/// whomever. Lives in the control thread.
class Transitions {
 public:
  struct Listener {
    std::function<void(const ServerTransition& transition)> on_transition;
    std::function<void(const AdminStateChange& change)> on_admin_state;
  };

  /// `blocks` are the lanes' counters, for the connection count of a transition.
  Transitions(const proxy::Topology& topology, ServerConditions& conditions,
              const std::vector<const stats::LaneBlock*>& blocks, Listener listener);

  ServerConditions& conditions() noexcept { return conditions_; }

  /// The administrator, or an agent, wants the server in this state. Changes of other servers that follow
  /// from it are told after it.
  void set_admin(std::uint32_t backend, std::uint32_t server, check::AdminState state);

  /// Calls `change(conditions)`, which says something else of this server. As above for those that follow.
  template <class Change>
  void change(std::uint32_t backend, std::uint32_t server, const check::CheckResult& result,
              const std::string& via, Change change) {
    ServerTransition transition = begin(backend, server);
    const ServerTransition::To before = present(backend, server);
    change(conditions_);
    transition.to = present(backend, server);
    transition.result = result;
    transition.via = via;
    // Nothing to tell when others have kept, or keep, the server down.
    end(transition, transition.to != before);
  }

 private:
  ServerTransition::To present(std::uint32_t backend, std::uint32_t server) const;
  ServerTransition begin(std::uint32_t backend, std::uint32_t server);
  void end(ServerTransition& transition, bool changed);
  void tell_followers();
  std::uint64_t sessions(std::uint32_t backend, std::uint32_t server) const;

  const proxy::Topology& topology_;
  ServerConditions& conditions_;
  const std::vector<const stats::LaneBlock*>& blocks_;
  Listener listener_;
  std::uint32_t depth_ = 0;
  std::vector<ServerTransition> followers_;  // told when the first change has been
};

}  // namespace corelane::control
