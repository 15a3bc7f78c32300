// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_rules.hpp"

#include <utility>

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

/// Looks at rules about what a message begins with, which in mode http is its head. False: it is rejected.
bool passes_content(RuleInput& input, const config::RuleSet* set, rules::RuleList list) {
  const auto* rules = list_of(set, list);
  if (rules == nullptr) return true;
  const sample::Content content{.bytes = input.head()->bytes, .final = true, .full = false};
  input.content = &content;
  RuleRun run(input);
  const bool passes = run.look_at(*rules) != Verdict::answered;
  input.content = nullptr;
  return passes;
}

/// Over rules that may not be there.
Judged judge(RuleInput& input, const config::RuleSet* set, rules::RuleList list, RuleWait& wait) {
  wait.what = RuleWait::For::nothing;
  const auto* rules = list_of(set, list);
  if (rules == nullptr) return {};
  input.lane.rules->answer = {};
  input.lane.rules->refuses = false;
  RuleRun run(input);
  run.set_strict(wait.strict);
  const Verdict verdict = run.look_at(*rules, wait.next);
  Judged judged{.status = 0, .rejected = false, .held = run.held};
  if (verdict == Verdict::answered) {
    judged.status = run.status;
    judged.rejected = run.status == 0;
  } else if (!run.finish()) {
    judged.status = status_of_failure;
  }
  if (verdict == Verdict::wait && judged.passes()) {
    run.wait.second_list = wait.second_list;
    run.wait.buffered = wait.buffered;
    run.wait.inspected = wait.inspected;
    run.wait.strict = run.strict();
    wait = run.wait;
  }
  take_heads(input, run);
  return judged;
}

/// The rules of the other owner.
void begin_second_list(RuleWait& wait) {
  wait = {};
  wait.second_list = true;
}

/// Whether the body has to be there before the rules of its owner are looked at.
bool must_buffer(const config::HttpShared& http, const RuleInput& input, RuleWait& wait) {
  if (!http.buffer_request || wait.buffered || input.request->framing == proto::HttpFraming::none)
    return false;
  wait.buffered = true;
  wait.what = RuleWait::For::body;
  wait.time_ms = 0;
  wait.body_bytes = config::rule_body_bytes_max;
  return true;
}

}  // namespace

RequestJudged judge_request(RuleInput& input, RuleWait& wait) {
  constexpr rules::RuleList list = rules::RuleList::http_request;
  const config::Model& model = input.lane.model();
  constexpr rules::RuleList content = rules::RuleList::tcp_request_content;
  RequestJudged judged;
  Judged& outcome = judged;
  if (!wait.second_list) {
    if (!std::exchange(wait.inspected, true)) {
      judged.rejected = !passes_content(input, rules_of(input), content);
      if (judged.rejected) return judged;
      count_tracked_request(input.lane, *input.session.stream);
    }
    if (must_buffer(model.frontends[input.session.frontend].http, input, wait)) return judged;
    outcome = judge(input, rules_of(input), list, wait);
    if (!judged.passes() || wait.waits()) return judged;
    input.backend = backend_by_rules(input);
    begin_second_list(wait);
  }
  judged.backend = input.backend;
  if (!std::exchange(wait.inspected, true))
    judged.rejected = !passes_content(input, backend_rules_of(input), content);
  if (judged.rejected || must_buffer(model.backends[input.backend].http, input, wait)) return judged;
  outcome = judge(input, backend_rules_of(input), list, wait);
  return judged;
}

Judged judge_response(RuleInput& input, RuleWait& wait) {
  constexpr rules::RuleList list = rules::RuleList::http_response;
  if (!wait.second_list) {
    const bool inspected = std::exchange(wait.inspected, true);
    if (!inspected && !passes_content(input, backend_rules_of(input), rules::RuleList::tcp_response_content))
      return {.status = 0, .rejected = true, .held = false};
    const Judged judged = judge(input, backend_rules_of(input), list, wait);
    if (!judged.passes() || wait.waits()) return judged;
    begin_second_list(wait);
  }
  return judge(input, rules_of(input), list, wait);
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
