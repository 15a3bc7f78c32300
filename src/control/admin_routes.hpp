// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "control/admin_request.hpp"
#include "control/readiness.hpp"

namespace corelane::control {

/// Where answers come from. Called in the control thread, once per request; must not block.
struct AdminSources {
  std::function<std::string()> stats;  // the JSON tree
  std::function<Readiness()> readiness;
  std::function<std::string()> configuration;  // the effective configuration, JSON text
};

struct AdminResponse {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  bool keep_alive = true;
};

/// One endpoint; the manual and the answer to an unknown path come from the table.
struct AdminRoute {
  std::string_view path;
  std::string_view help;
  AdminResponse (*answer)(const AdminSources& sources);
};
std::span<const AdminRoute> admin_routes();

AdminResponse admin_answer(const AdminRequest& request, const AdminSources& sources);
/// For what no request could be read from; the connection ends after it.
AdminResponse admin_error(int status, std::string_view text);

/// The bytes of a response. A response to HEAD has every header and no body.
std::string admin_response_bytes(const AdminResponse& response, bool head_only);

}  // namespace corelane::control
