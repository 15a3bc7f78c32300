// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/admin_routes.hpp"
#include "control/server_conditions.hpp"
#include "control/server_patch.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"

namespace corelane::control {

/// Servers as administrators see them: found by name, changed, and shown. Lives in the control thread.
class ServerAdmin {
 public:
  /// Lines for the log.
  struct Callbacks {
    std::function<void(const std::string& text)> on_change;
    std::function<void(const std::string& text)> on_backend_unavailable;
  };

  ServerAdmin(proxy::Topology& topology, ServerConditions& conditions,
              const std::vector<const stats::LaneBlock*>& blocks, Callbacks callbacks);

  /// PATCH /v1/backends/{backend}/servers/{server}: all of the change, or nothing and what is wrong with it.
  AdminResponse patch(const AdminCall& call);

 private:
  struct Place {
    std::uint32_t backend = 0;
    std::uint32_t server = 0;
  };

  AdminResponse apply(Place place, const ServerPatch& patch);
  std::optional<std::string> address_fault(Place place, const config::Address& address) const;
  void set_address(Place place, const config::Address& address);
  void set_state(Place place, check::AdminState state);
  const config::Backend& backend_config(Place place) const;
  std::string name(Place place) const;

  proxy::Topology& topology_;
  ServerConditions& conditions_;
  const std::vector<const stats::LaneBlock*>& blocks_;
  Callbacks callbacks_;
};

}  // namespace corelane::control
