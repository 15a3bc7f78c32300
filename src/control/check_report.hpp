// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "check/health.hpp"
#include "check/server_condition.hpp"
#include "check/status.hpp"
#include "control/readiness.hpp"

namespace corelane::control {

/// What a connection attempt says of the server; `error_number` is 0 or an errno. Nothing when the trouble is
/// this process's own (no descriptor, no source port, no memory): that must not take a server out.
std::optional<check::CheckStatus> check_status_of_connect(int error_number);

/// "Connection refused"; empty without an error.
std::string check_error_text(int error_number);

/// A server that went up or down, or takes no new connections any more, for the log.
struct ServerTransition {
  enum class To : std::uint8_t { up, stopping, down };
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  To to = To::down;
  check::CheckResult result;
  std::string via;                        // the tracked server that is the reason; empty: result is
  UsableServers usable;                   // after the change
  std::uint64_t connections_current = 0;  // of this server, in the whole process
  std::uint32_t requeued = 0;             // streams that waited for this server alone and take others now
  std::uint32_t queued = 0;               // streams that wait for the backend's servers
};

/// The line as HAProxy writes it: `Server bk/s1 is DOWN, reason: Layer4 connection problem, info: "Connection
/// refused", check duration: 0ms. 1 active and 0 backup servers left. ...`
std::string server_transition_text(const ServerTransition& transition, std::string_view backend,
                                   std::string_view server);

/// What a change of a server's state by the administrator, or by an agent, reads like in the log, in
/// HAProxy's words: `Server bk/s1 enters drain state. 1 active and 0 backup servers online. ...`. `sessions`
/// are the server's, in the whole process.
struct AdminStateChange {
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  check::AdminState before = check::AdminState::ready;
  check::AdminState after = check::AdminState::ready;
  bool was_serving = true;
  bool serving = true;
  std::uint64_t sessions = 0;
  UsableServers usable = {};  // after the change
  bool took_last = false;     // the backend has no server left by it
};
std::string admin_state_text(const AdminStateChange& change, std::string_view backend,
                             std::string_view server);

/// "backend bk has no server available!", said after the transition that took its last one.
std::string backend_unavailable_text(std::string_view backend);

}  // namespace corelane::control
