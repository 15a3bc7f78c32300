// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_rules.hpp"

#include "proxy/lane_state.hpp"
#include "proxy/rule_run.hpp"

namespace corelane::proxy {

namespace {

constexpr std::uint16_t status_of_failure = 500;

const std::vector<config::CompiledRule>* http_request_of(const config::RuleSet* rules) {
  if (rules == nullptr || (*rules)[rules::RuleList::http_request].empty()) return nullptr;
  return &(*rules)[rules::RuleList::http_request];
}

/// False: the request is answered, with run.status.
bool passes(RuleRun& run, const std::vector<config::CompiledRule>& rules) {
  if (run.look_at(rules) == Verdict::answered) return false;
  if (run.finish()) return true;
  run.status = status_of_failure;
  return false;
}

/// The same over rules that may not be there.
std::uint16_t judge(RuleInput& input, const config::RuleSet* set) {
  const auto* rules = http_request_of(set);
  if (rules == nullptr) return 0;
  input.lane.rules->answer = {};
  RuleRun run(input);
  const bool passed = passes(run, *rules);
  input.request = run.input().request;
  return passed ? 0 : run.status;
}

}  // namespace

RequestJudged judge_request(RuleInput& input) {
  if (const std::uint16_t status = judge(input, rules_of(input))) return {status, config::no_index};
  const std::uint32_t backend = backend_by_rules(input);
  return {judge(input, input.lane.shared.topology.backend_rules(backend)), backend};
}

}  // namespace corelane::proxy
