// SPDX-License-Identifier: Apache-2.0
#include "control/check_report.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/time.hpp"

namespace corelane::control {

std::optional<check::CheckStatus> check_status_of_connect(int error_number) {
  switch (error_number) {
    case 0:
      return check::CheckStatus::l4_ok;
    case ETIMEDOUT:
      return check::CheckStatus::l4_timeout;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:
      return std::nullopt;
    default:
      return check::CheckStatus::l4_connect;
  }
}

std::string check_error_text(int error_number) {
  return error_number == 0 ? std::string() : std::generic_category().message(error_number);
}

namespace {

std::string reason_text(const ServerTransition& transition) {
  if (!transition.via.empty()) return fmt::format(" via {}", transition.via);
  const check::CheckResult& result = transition.result;
  std::string text = fmt::format(", reason: {}", check::check_status_row(result.status).description);
  if (result.code != 0) text += fmt::format(", code: {}", result.code);
  if (!result.text.empty()) text += fmt::format(", info: \"{}\"", result.text);
  if (result.status == check::CheckStatus::health_analyze) return text;
  return text + fmt::format(", check duration: {}ms", base::us_to_ms(result.duration_us));
}

}  // namespace

std::string server_transition_text(const ServerTransition& transition, std::string_view backend,
                                   std::string_view server) {
  using To = ServerTransition::To;
  const bool down = transition.to == To::down;
  const std::string_view word = down ? "DOWN" : transition.to == To::up ? "UP" : "stopping";
  std::string text = fmt::format("Server {}/{} is {}{}. {} active and {} backup servers {}.", backend, server,
                                 word, reason_text(transition), transition.usable.active,
                                 transition.usable.backup, down ? "left" : "online");
  if (transition.usable.active == 0 && transition.usable.backup > 0) text += " Running on backup.";
  text +=
      down ? fmt::format(" {} sessions active, {} requeued, {} remaining in queue.",
                         transition.connections_current, transition.requeued, transition.queued)
           : fmt::format(" {} sessions requeued, {} total in queue.", transition.requeued, transition.queued);
  return text;
}

namespace {

std::string maintenance_text(const AdminStateChange& change) {
  const auto [active, backup] = change.usable;
  if (!change.was_serving) return "was DOWN and now enters maintenance.";
  return fmt::format(
      "is going DOWN for maintenance. {} active and {} backup servers left.{} {} sessions active, 0 "
      "requeued, 0 "
      "remaining in queue.",
      active, backup, active == 0 && backup > 0 ? " Running on backup." : "", change.sessions);
}

}  // namespace

std::string admin_state_text(const AdminStateChange& change, std::string_view backend,
                             std::string_view server) {
  const std::string who = fmt::format("Server {}/{} ", backend, server);
  if (change.after == check::AdminState::maint) return who + maintenance_text(change);
  const std::string_view word = change.serving ? "UP" : "DOWN";
  if (change.before == check::AdminState::maint) {
    return fmt::format("{}is {}/{} (leaving forced maintenance).", who, word,
                       change.after == check::AdminState::drain ? "DRAIN" : "READY");
  }
  if (change.after == check::AdminState::ready)
    return fmt::format("{}is {} (leaving forced drain).", who, word);
  return fmt::format("{}enters drain state. {} active and {} backup servers online. {} sessions active.", who,
                     change.usable.active, change.usable.backup, change.sessions);
}

std::string backend_unavailable_text(std::string_view backend) {
  return fmt::format("backend {} has no server available!", backend);
}

}  // namespace corelane::control
