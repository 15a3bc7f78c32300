// SPDX-License-Identifier: Apache-2.0
// What ends connections of either mode.
#include <algorithm>

#include "sim/scenario.hpp"

namespace corelane::sim {

using logfmt::EndReason;

bool any_server_has(const Outcome& outcome, bool (*property)(const config::Server&)) {
  return std::any_of(outcome.plan.model.backends.begin(), outcome.plan.model.backends.end(),
                     [property](const config::Backend& backend) {
                       return std::any_of(backend.servers.begin(), backend.servers.end(), property);
                     });
}

namespace {

template <class Owners>
bool any_list_rejects(const Owners& owners, rules::RuleList list) {
  return std::any_of(owners.begin(), owners.end(), [list](const auto& owner) {
    return std::any_of(owner.rules[list].begin(), owner.rules[list].end(), [](const config::Rule& rule) {
      return rule.action == rules::Action::reject || rule.action == rules::Action::silent_drop;
    });
  });
}

}  // namespace

bool surroundings_explain(const Outcome& outcome, EndReason reason) {
  const KernelCounts& counts = outcome.kernel.counts();
  const bool servers_go_down = std::any_of(outcome.plan.control.begin(), outcome.plan.control.end(),
                                           [](const ControlStep& step) { return !step.ends_sessions; });
  switch (reason) {
    case EndReason::connect_unreachable:
      return counts.connects_failed > 0 || outcome.plan.weather.interface_gone > 0;
    case EndReason::source_ports_exhausted:
      return counts.connects_failed > 0 || any_server_has(outcome, [](const auto& s) {
               return !s.source.addresses.empty() || s.source.transparent != config::TransparentSource::none;
             });
    case EndReason::client_address_unusable:
      return any_server_has(
          outcome, [](const auto& s) { return s.source.transparent != config::TransparentSource::none; });
    case EndReason::descriptors_exhausted:
      return counts.descriptors_refused > 0;
    case EndReason::no_server_available:
      return servers_go_down || any_server_has(outcome, [](const auto& s) { return s.weight == 0; });
    case EndReason::server_marked_down:
      return servers_go_down;
    case EndReason::connection_denied:
      return any_list_rejects(outcome.plan.model.frontends, rules::RuleList::tcp_request_connection);
    case EndReason::session_denied:
      return any_list_rejects(outcome.plan.model.frontends, rules::RuleList::tcp_request_session);
    case EndReason::request_denied:
      return any_list_rejects(outcome.plan.model.frontends, rules::RuleList::tcp_request_content) ||
             any_list_rejects(outcome.plan.model.backends, rules::RuleList::tcp_request_content);
    case EndReason::response_denied:
      return any_list_rejects(outcome.plan.model.backends, rules::RuleList::tcp_response_content);
    case EndReason::process_stopping:
      return !outcome.plan.gentle;
    default:
      return false;
  }
}

}  // namespace corelane::sim
