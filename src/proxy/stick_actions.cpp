// SPDX-License-Identifier: Apache-2.0
// What rules do with stick tables.
#include "proxy/http_actions.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/tracking.hpp"

namespace corelane::proxy {

namespace {

using rules::RuleList;
using stick::DataType;

/// The integer that the rule's expression makes; none: it makes nothing.
std::optional<std::uint32_t> number_of(RuleRun& run, const config::CompiledRule& rule) {
  const rules::Evaluation evaluation = run.evaluation(rule.expression->needs());
  sample::Sample sample;
  if (!rule.expression->make({evaluation.context, evaluation.arena}, sample::Type::sint, sample))
    return std::nullopt;
  return static_cast<std::uint32_t>(sample.integer);
}

/// Calls f(table, record, now_ms) where the rule's counter follows a key.
template <class Function>
void with_tracked(RuleRun& run, const config::CompiledRule& rule, Function f) {
  const sample::StickView* view = run.evaluation(0).context.stick;
  if (view == nullptr) return;
  const sample::TrackedKey key = view->tracked(rule.rule->counter);
  if (key.tracked()) f(*view->tables[key.table()], key.record, view->now_ms);
}

Verdict increment(RuleRun& run, const config::CompiledRule& rule, DataType counter, std::uint64_t amount) {
  with_tracked(run, rule, [&](stick::Table& table, std::uint32_t record, std::uint32_t now_ms) {
    sample::stick_increment(table, record, counter, rule.rule->index, amount, now_ms);
  });
  return Verdict::next;
}

Verdict set_tag(RuleRun& run, const config::CompiledRule& rule, DataType tag) {
  const std::optional<std::uint32_t> number = number_of(run, rule);
  if (!number) return Verdict::next;
  with_tracked(run, rule, [&](stick::Table& table, std::uint32_t record, std::uint32_t now_ms) {
    table.touch(record, now_ms);
    if (const auto place = sample::stick_place(table, tag, rule.rule->index))
      table.set(record, place->type, place->element, *number, now_ms);
  });
  return Verdict::next;
}

}  // namespace

/// As HAProxy: a request is counted when rules of a frontend about content have let it pass, with what they
/// track.
static bool is_of_http(RuleList list, const sample::Context& context) {
  const bool counted_later = list == RuleList::tcp_request_content && context.backend == config::no_index;
  return !counted_later && (context.request != nullptr || context.response != nullptr);
}

// A sample that is not there, or is no such key, leaves the counter to the next rule.
Verdict act_track(RuleRun& run, const config::CompiledRule& rule) {
  const rules::Evaluation evaluation = run.evaluation(rule.expression->needs());
  sample::Sample sample;
  if (!rule.expression->make({evaluation.context, evaluation.arena}, sample)) return Verdict::next;
  const stick::Table& table = *run.lane().shared.topology.tables()[rule.table];
  const std::span<const std::uint32_t> key = sample::stick_key(table, sample, evaluation.arena);
  if (key.empty()) return Verdict::next;
  const sample::Context& context = evaluation.context;
  const Tracking tracking{
      .counter =
          static_cast<std::uint32_t>(rule.action) - static_cast<std::uint32_t>(rules::Action::track_sc0),
      .of_session =
          rule.list == RuleList::tcp_request_connection || rule.list == RuleList::tcp_request_session,
      .of_http = is_of_http(rule.list, context),
      .table = rule.table,
      .response_status = context.response != nullptr ? context.response->status : std::uint16_t{0}};
  begin_tracking(run.lane(), *run.input().session.stream, tracking, key);
  return Verdict::next;
}

Verdict act_sc_inc_gpc0(RuleRun& run, const config::CompiledRule& rule) {
  return increment(run, rule, DataType::gpc0, 1);
}
Verdict act_sc_inc_gpc1(RuleRun& run, const config::CompiledRule& rule) {
  return increment(run, rule, DataType::gpc1, 1);
}
Verdict act_sc_inc_gpc(RuleRun& run, const config::CompiledRule& rule) {
  return increment(run, rule, DataType::gpc, 1);
}
Verdict act_sc_add_gpc(RuleRun& run, const config::CompiledRule& rule) {
  const std::optional<std::uint32_t> number = number_of(run, rule);
  return number ? increment(run, rule, DataType::gpc, *number) : Verdict::next;
}
Verdict act_sc_set_gpt0(RuleRun& run, const config::CompiledRule& rule) {
  return set_tag(run, rule, DataType::gpt0);
}
Verdict act_sc_set_gpt(RuleRun& run, const config::CompiledRule& rule) {
  return set_tag(run, rule, DataType::gpt);
}

}  // namespace corelane::proxy
