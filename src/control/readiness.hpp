// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "proxy/topology.hpp"

namespace corelane::control {

/// Servers of a backend that may get new connections: up, and with a weight.
struct UsableServers {
  unsigned active = 0;
  unsigned backup = 0;
};
UsableServers usable_servers(const proxy::Backend& backend);

/// What GET /ready answers.
struct Readiness {
  bool accepting = true;                          // false while the process drains
  std::vector<std::string> backends_unavailable;  // have servers, but none that is usable
  bool ready() const noexcept { return accepting && backends_unavailable.empty(); }
};
Readiness readiness_of(const proxy::Topology& topology, bool accepting);

}  // namespace corelane::control
