// SPDX-License-Identifier: Apache-2.0
// What rules want of lists of patterns: the control thread does it.
#include "proxy/http_actions.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/text_writer.hpp"

namespace corelane::proxy {

namespace {

// Nothing has an empty key. What there is no room for is lost, and counted.
Verdict change(RuleRun& run, const config::CompiledRule& rule, PatternChange::Kind kind) {
  LaneState& lane = run.lane();
  TextWriter text(lane.rules->text);
  text.append(rule.key, run.evaluation(rule.key.needs()));
  const std::size_t key_bytes = text.text().size();
  if (key_bytes == 0) return Verdict::next;
  text.append(rule.text, run.evaluation(rule.text.needs()));
  PatternChangeQueue& queue = *lane.pattern_changes;
  if (!text.fits() || !queue.push({.kind = kind, .set = rule.pattern_set}, text.text(), key_bytes)) {
    lane.lane_counters().pattern_changes_dropped.add();
  } else if (queue.announce() && lane.shared.on_pattern_changes != nullptr) {
    lane.shared.on_pattern_changes(lane.shared.on_pattern_changes_context, lane.ring.get());
  }
  return Verdict::next;
}

}  // namespace

Verdict act_put_entry(RuleRun& run, const config::CompiledRule& rule) {
  return change(run, rule, PatternChange::Kind::put);
}

Verdict act_remove_entry(RuleRun& run, const config::CompiledRule& rule) {
  return change(run, rule, PatternChange::Kind::remove);
}

}  // namespace corelane::proxy
