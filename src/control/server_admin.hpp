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
#include "control/transitions.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

/// Servers as administrators see them: found by name, changed, and shown. Lives in the control thread.
class ServerAdmin {
 public:
  /// A line for the log: changes of weight and address. Those of the state are told by `transitions`.
  using Say = std::function<void(const std::string& text)>;

  ServerAdmin(proxy::Topology& topology, Transitions& transitions, Say say);

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
  const config::Backend& backend_config(Place place) const;
  std::string name(Place place) const;

  proxy::Topology& topology_;
  Transitions& transitions_;
  ServerConditions& conditions_;
  Say say_;
};

}  // namespace corelane::control
