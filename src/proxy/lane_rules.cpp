// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane_rules.hpp"

#include <algorithm>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

LaneRules::LaneRules(const Topology& topology, std::uint64_t seed) : random_state(seed | 1) {
  std::size_t rules_max = 0;
  for (const config::Frontend& frontend : topology.model().frontends)
    rules_max = std::max(rules_max, frontend.http.http_request.size());
  edits.reserve(rules_max);
}

const config::FrontendRules* rules_of(const RuleInput& input) {
  return input.lane.shared.topology.rules(input.session.frontend);
}

RuleScene::RuleScene(const RuleInput& input)
    : live_(input.lane.shared, input.session),
      context_{.live = &live_,
               .client = &input.session.endpoint,
               .request = input.request,
               .frontend_name = input.lane.model().frontends[input.session.frontend].name,
               .frontend = input.session.frontend,
               .request_number = input.request_number,
               .wall_us = input.lane.now + input.lane.options.wall_offset_us,
               .random_state = &input.lane.rules->random_state},
      arena_(input.lane.rules->arena) {}

std::uint32_t backend_by_rules(const RuleInput& input) {
  const config::Frontend& frontend = input.lane.model().frontends[input.session.frontend];
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || rules->use_backend.empty()) return frontend.default_backend;
  const RuleScene scene(input);
  for (const config::FrontendRules::UseBackend& rule : rules->use_backend)
    if (rule.when.applies(scene.evaluation())) return rule.backend;
  return frontend.default_backend;
}

bool monitor_fails(const RuleInput& input) {
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || !rules->monitor_fail) return false;
  const RuleScene scene(input);
  return rules->monitor_fail->holds(scene.evaluation());
}

}  // namespace corelane::proxy
