// SPDX-License-Identifier: Apache-2.0
#include "control/check_report.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/check.hpp"

namespace corelane::control {

namespace {

struct VerdictRow {
  std::string_view word;
  std::string_view description;
};

const VerdictRow& verdict_row(CheckVerdict verdict) {
  static constexpr VerdictRow rows[] = {
      {"", "not checked yet"},      {"L4OK", "Layer4 check passed"},
      {"L4TOUT", "Layer4 timeout"}, {"L4CON", "Layer4 connection problem"},
      {"SOCKERR", "Socket error"},
  };
  return rows[static_cast<std::size_t>(verdict)];
}

}  // namespace

std::string_view check_verdict_word(CheckVerdict verdict) {
  return verdict_row(verdict).word;
}
std::string_view check_verdict_description(CheckVerdict verdict) {
  return verdict_row(verdict).description;
}

CheckVerdict check_verdict_of_connect(int error_number) {
  switch (error_number) {
    case 0:
      return CheckVerdict::l4_ok;
    case ETIMEDOUT:
      return CheckVerdict::l4_timeout;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:
      return CheckVerdict::socket_error;
    default:
      return CheckVerdict::l4_connection;
  }
}

std::string check_error_text(int error_number) {
  return error_number == 0 ? std::string() : std::generic_category().message(error_number);
}

std::string server_transition_text(const ServerTransition& transition, std::string_view backend,
                                   std::string_view server) {
  std::string text =
      fmt::format("Server {}/{} is {}, reason: {}", backend, server, transition.up ? "UP" : "DOWN",
                  check_verdict_description(transition.result.verdict));
  const std::string info = check_error_text(transition.result.error_number);
  if (!info.empty()) text += fmt::format(", info: \"{}\"", info);
  text += fmt::format(", check duration: {}ms. {} active and {} backup servers {}.",
                      base::us_to_ms(transition.result.duration_us), transition.usable.active,
                      transition.usable.backup, transition.up ? "online" : "left");
  if (transition.usable.active == 0 && transition.usable.backup > 0) text += " Running on backup.";
  // Connections do not wait in a queue, so none can be requeued.
  text += transition.up ? std::string(" 0 sessions requeued, 0 total in queue.")
                        : fmt::format(" {} sessions active, 0 requeued, 0 remaining in queue.",
                                      transition.connections_current);
  return text;
}

std::string backend_unavailable_text(std::string_view backend) {
  return fmt::format("backend {} has no server available!", backend);
}

}  // namespace corelane::control
