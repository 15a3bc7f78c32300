// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "control/admin_request.hpp"
#include "control/admin_target.hpp"
#include "control/readiness.hpp"

namespace corelane::control {

struct AdminResponse {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  bool keep_alive = true;
  std::string allow = {};  // of 405: the methods that are answered
};

/// Takes an answer that comes later; to be called once.
using AdminReply = std::function<void(AdminResponse response)>;

/// One request, taken apart.
struct AdminCall {
  const AdminRequest& request;
  const AdminTarget& target;
  const AdminReply& later;
  std::vector<std::string_view> names;  // what stands for the {} of the route's path
};

/// What is done with a map or a list of patterns.
enum class PatternVerb : std::uint8_t { list, show, put, patch, remove };

/// What is done with stick tables.
enum class TableVerb : std::uint8_t { list, show, patch, remove };

/// What is done with certificates.
enum class CertificateVerb : std::uint8_t { list, put, reload };

/// Where answers come from. Called in the control thread, once per request; must not block.
struct AdminSources {
  std::function<std::string()> stats;  // the JSON tree
  std::function<Readiness()> readiness;
  std::function<std::string()> configuration;  // the effective configuration, JSON text
  std::function<AdminResponse(const AdminCall& call)> patch_server;
  /// Of maps or of other lists of patterns.
  std::function<AdminResponse(const AdminCall& call, PatternVerb verb, bool maps)> patterns;
  std::function<AdminResponse(const AdminCall& call, TableVerb verb)> tables;
  /// These answer at once, or return nothing and answer by AdminCall::later in a later turn.
  std::function<std::optional<AdminResponse>(const AdminCall& call, CertificateVerb verb)> certificates;
  std::function<std::optional<AdminResponse>(const AdminCall& call)> list_sessions;
  std::function<std::optional<AdminResponse>(const AdminCall& call)> end_session;
  std::function<std::optional<AdminResponse>(const AdminCall& call)> end_sessions;
};

/// One endpoint; the manual and the answer to an unknown path come from the table.
struct AdminRoute {
  std::string_view method;  // GET answers HEAD as well
  std::string_view path;    // {} stands for any name
  std::string_view help;
  std::optional<AdminResponse> (*answer)(const AdminSources& sources, const AdminCall& call);
};
std::span<const AdminRoute> admin_routes();

/// Nothing: `later` will be called.
std::optional<AdminResponse> admin_answer(const AdminRequest& request, const AdminSources& sources,
                                          const AdminReply& later);
/// Without a body that is understood: {"error": TEXT}.
AdminResponse admin_error(int status, std::string_view text, const config::Hint& hint = {});
/// What is wrong with a request's body: {"error": TEXT, "faults": [...]}, with status 400.
AdminResponse admin_faults(config::Report& report);
/// For what no request could be read from; the connection ends after it.
AdminResponse admin_fatal_error(int status, std::string_view text);

/// The bytes of a response. A response to HEAD has every header and no body.
std::string admin_response_bytes(const AdminResponse& response, bool head_only);

}  // namespace corelane::control
