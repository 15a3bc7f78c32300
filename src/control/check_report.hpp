// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "control/readiness.hpp"

namespace corelane::control {

/// How a check ended, in the field's words. The last one is this process's own trouble (no descriptor, no
/// source port), which says nothing about the server and changes nothing.
enum class CheckVerdict : std::uint8_t { none, l4_ok, l4_timeout, l4_connection, socket_error };

std::string_view check_verdict_word(CheckVerdict verdict);         // "L4CON"
std::string_view check_verdict_description(CheckVerdict verdict);  // "Layer4 connection problem"

/// The verdict on a connection attempt; `error_number` is 0 or an errno.
CheckVerdict check_verdict_of_connect(int error_number);

struct CheckResult {
  CheckVerdict verdict = CheckVerdict::none;
  int error_number = 0;  // for l4_connection and socket_error
  base::TimeUs duration_us = 0;
};

/// "Connection refused"; empty without an error.
std::string check_error_text(int error_number);

/// A server that went up or down, for the log.
struct ServerTransition {
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  bool up = false;
  CheckResult result;
  UsableServers usable;                   // after the change
  std::uint64_t connections_current = 0;  // of this server, in the whole process
};

/// The line as HAProxy writes it: `Server bk/s1 is DOWN, reason: Layer4 connection problem, info: "Connection
/// refused", check duration: 0ms. 1 active and 0 backup servers left. ...`
std::string server_transition_text(const ServerTransition& transition, std::string_view backend,
                                   std::string_view server);

/// "backend bk has no server available!", said after the transition that took its last one.
std::string backend_unavailable_text(std::string_view backend);

}  // namespace corelane::control
