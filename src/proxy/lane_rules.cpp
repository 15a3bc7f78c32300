// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane_rules.hpp"

#include "proxy/lane_state.hpp"
#include "proxy/live_state.hpp"

namespace corelane::proxy {

namespace {

const config::FrontendRules* rules_of(const RuleInput& input) {
  return input.lane.shared.topology.rules(input.session.frontend);
}

/// Calls `evaluate` with what it may look at.
template <class Evaluate>
auto with_context(const RuleInput& input, const config::Frontend& frontend, Evaluate evaluate) {
  LaneState& lane = input.lane;
  const ProcessState live(lane.shared, input.session);
  const sample::Context context{.live = &live,
                                .client = &input.session.endpoint,
                                .request = input.request,
                                .frontend_name = frontend.name,
                                .frontend = input.session.frontend,
                                .request_number = input.request_number,
                                .wall_us = lane.now + lane.options.wall_offset_us,
                                .random_state = &lane.rules->random_state};
  return evaluate(rules::Evaluation{context, lane.rules->arena});
}

}  // namespace

std::uint32_t backend_by_rules(const RuleInput& input) {
  const config::Frontend& frontend = input.lane.model().frontends[input.session.frontend];
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || rules->use_backend.empty()) return frontend.default_backend;
  return with_context(input, frontend, [&](const rules::Evaluation& evaluation) {
    for (const config::FrontendRules::UseBackend& rule : rules->use_backend)
      if (rule.when.applies(evaluation)) return rule.backend;
    return frontend.default_backend;
  });
}

bool monitor_fails(const RuleInput& input) {
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || !rules->monitor_fail) return false;
  const config::Frontend& frontend = input.lane.model().frontends[input.session.frontend];
  return with_context(input, frontend, [rules](const rules::Evaluation& evaluation) {
    return rules->monitor_fail->holds(evaluation);
  });
}

}  // namespace corelane::proxy
