// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/intrusive_list.hpp"
#include "check/registry.hpp"
#include "control/check_place.hpp"
#include "control/check_report.hpp"
#include "control/loop.hpp"
#include "control/server_check.hpp"
#include "control/server_conditions.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"

namespace corelane::control {

/// What the rest of the process hears from the checks, in the control thread.
struct HealthCallbacks {
  /// A server went up or down; lanes know already. May be null.
  std::function<void(const ServerTransition& transition)> on_transition;
};

/// Runs the health checks of every server that wants them and tells the servers' conditions. Lives in the
/// control thread.
class HealthChecks {
 public:
  /// Checks under way; the others wait their turn.
  static constexpr std::size_t concurrent_max = 256;

  /// `blocks` are the lanes' counters, for the connection count of a transition. `seed` scatters the first
  /// checks.
  HealthChecks(Loop& loop, const proxy::Topology& topology, ServerConditions& conditions,
               const std::vector<const stats::LaneBlock*>& blocks, const CheckAddresses& addresses,
               std::uint64_t seed, HealthCallbacks callbacks);
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;
  /// idle() must hold.
  ~HealthChecks();

  /// Plans the first check of every server, scattered over its interval.
  void start();
  /// Plans no more and ends what is under way; turn the loop until idle().
  void stop();
  bool idle() const noexcept { return under_way_ == 0; }

  /// Null for a server that is not checked.
  const ServerCheck* find(std::uint32_t backend, std::uint32_t server) const;

 private:
  friend class ServerCheck;

  /// For checks: asks for a turn; begin() follows now or later.
  void request_slot(ServerCheck& check);
  void release_slot();
  void serve_waiting();
  /// For checks: a server went up or down.
  void changed(const ServerCheck& check);
  bool stopping() const noexcept { return stopping_; }

  Loop& loop_;
  const proxy::Topology& topology_;
  ServerConditions& conditions_;
  const std::vector<const stats::LaneBlock*>& blocks_;
  HealthCallbacks callbacks_;
  std::uint64_t seed_;
  std::vector<std::unique_ptr<check::Plan>> plans_;  // of the backends that have a check
  std::vector<std::unique_ptr<ServerCheck>> checks_;
  std::vector<std::vector<ServerCheck*>> check_of_server_;  // [backend][server], null when not checked
  base::List waiting_;
  std::size_t under_way_ = 0;
  bool serving_ = false;
  bool stopping_ = false;
};

}  // namespace corelane::control
