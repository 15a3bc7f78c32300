// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "control/health_checks.hpp"
#include "control/loop.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

/// Tells the checks of observed servers when clients' connections failed too often in a row. Made before the
/// lanes start; lives in the control thread.
class ErrorObserver {
 public:
  ErrorObserver(Loop& loop, const proxy::Topology& topology);
  ErrorObserver(const ErrorObserver&) = delete;
  ErrorObserver& operator=(const ErrorObserver&) = delete;
  ~ErrorObserver();

  /// For proxy::LaneShared: called in a lane's thread; `context` is this.
  static void on_server_errors(void* context, io::Ring* lane_ring);

  /// Whom to tell from now on; what lanes have seen before is told at once.
  void start(HealthChecks& checks);

 private:
  struct Observed {
    std::uint32_t backend;
    std::uint32_t server;
    std::uint32_t told = 0;  // of ServerState::error_limits_reached
  };

  static void woken(void* context);
  void look();

  Loop& loop_;
  const proxy::Topology& topology_;
  HealthChecks* checks_ = nullptr;
  std::vector<Observed> observed_;
  std::atomic<bool> something_new_{false};  // set by lanes, cleared by the control thread
};

}  // namespace corelane::control
