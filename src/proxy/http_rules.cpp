// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_rules.hpp"

#include "proxy/lane_state.hpp"
#include "proxy/rule_run.hpp"

namespace corelane::proxy {

namespace {

constexpr std::uint16_t status_of_failure = 500;

/// Null: there are none.
const std::vector<config::CompiledRule>* list_of(const config::RuleSet* set, rules::RuleList list) {
  return set == nullptr || (*set)[list].empty() ? nullptr : &(*set)[list];
}

const config::RuleSet* backend_rules_of(const RuleInput& input) {
  if (input.backend == config::no_index) return nullptr;
  return input.lane.shared.topology.backend_rules(input.backend);
}

/// As rules have changed them.
void take_heads(RuleInput& input, const RuleRun& run) {
  input.request = run.input().request;
  input.response = run.input().response;
}

/// False: the message is answered, with run.status.
bool passes(RuleRun& run, const std::vector<config::CompiledRule>& rules) {
  if (run.look_at(rules) == Verdict::answered) return false;
  if (run.finish()) return true;
  run.status = status_of_failure;
  return false;
}

/// 0, or the status of the answer, over rules that may not be there.
std::uint16_t judge(RuleInput& input, const config::RuleSet* set, rules::RuleList list, bool& held) {
  const auto* rules = list_of(set, list);
  if (rules == nullptr) return 0;
  input.lane.rules->answer = {};
  input.lane.rules->refuses = false;
  RuleRun run(input);
  const bool passed = passes(run, *rules);
  take_heads(input, run);
  held = run.held;
  return passed ? 0 : run.status;
}

}  // namespace

RequestJudged judge_request(RuleInput& input) {
  constexpr rules::RuleList list = rules::RuleList::http_request;
  RequestJudged judged;
  judged.status = judge(input, rules_of(input), list, judged.held);
  if (judged.status != 0) return judged;
  judged.backend = input.backend = backend_by_rules(input);
  judged.status = judge(input, backend_rules_of(input), list, judged.held);
  return judged;
}

std::uint16_t judge_response(RuleInput& input) {
  constexpr rules::RuleList list = rules::RuleList::http_response;
  bool held = false;
  const std::uint16_t status = judge(input, backend_rules_of(input), list, held);
  return status != 0 ? status : judge(input, rules_of(input), list, held);
}

bool has_after_rules(const RuleInput& input) {
  return list_of(rules_of(input), rules::RuleList::http_after_response) != nullptr ||
         list_of(backend_rules_of(input), rules::RuleList::http_after_response) != nullptr;
}

bool judge_after_response(RuleInput& input) {
  RuleRun run(input, true);
  bool passed = true;
  const config::RuleSet* const sets[] = {backend_rules_of(input), rules_of(input)};
  for (const config::RuleSet* set : sets) {
    const auto* rules = list_of(set, rules::RuleList::http_after_response);
    if (rules != nullptr) passed = passed && passes(run, *rules);
  }
  passed = passed && run.finish();
  take_heads(input, run);
  return passed;
}

}  // namespace corelane::proxy
