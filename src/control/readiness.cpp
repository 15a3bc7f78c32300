// SPDX-License-Identifier: Apache-2.0
#include "control/readiness.hpp"

namespace corelane::control {

UsableServers usable_servers(const proxy::Backend& backend) {
  UsableServers usable;
  for (const proxy::Server& server : backend.servers) {
    if (proxy::usable(server)) ++(server.config->backup ? usable.backup : usable.active);
  }
  return usable;
}

Readiness readiness_of(const proxy::Topology& topology, bool accepting) {
  Readiness readiness;
  readiness.accepting = accepting;
  for (const proxy::Backend& backend : topology.backends()) {
    if (backend.servers.empty()) continue;
    const UsableServers usable = usable_servers(backend);
    if (usable.active + usable.backup == 0) readiness.backends_unavailable.push_back(backend.config->name);
  }
  return readiness;
}

}  // namespace corelane::control
