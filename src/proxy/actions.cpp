// SPDX-License-Identifier: Apache-2.0
// The table of actions, and those that have nothing to do with a protocol.
#include <array>

#include "proxy/http_actions.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/text_writer.hpp"

namespace corelane::proxy {

namespace {

using rules::Action;

struct Row {
  Action action;
  ActionFunction* function;
};

constexpr std::array<Row, rules::action_count> rows{{
    {Action::allow, act_allow},
    {Action::deny, act_deny},
    {Action::answer, act_return},
    {Action::redirect, act_redirect},
    {Action::set_header, act_set_header},
    {Action::add_header, act_add_header},
    {Action::del_header, act_del_header},
    {Action::set_var, act_set_var},
    {Action::set_var_fmt, act_set_var_fmt},
    {Action::unset_var, act_unset_var},
    {Action::replace_header, act_replace_header},
    {Action::replace_value, act_replace_value},
    {Action::set_method, act_set_method},
    {Action::set_uri, act_set_uri},
    {Action::set_path, act_set_path},
    {Action::set_pathq, act_set_pathq},
    {Action::set_query, act_set_query},
    {Action::replace_uri, act_replace_uri},
    {Action::replace_path, act_replace_path},
    {Action::replace_pathq, act_replace_pathq},
    {Action::set_status, act_set_status},
    {Action::strict_mode, act_strict_mode},
    {Action::tarpit, act_tarpit},
    {Action::auth, act_auth},
    {Action::normalize_uri, act_normalize_uri},
    {Action::set_timeout, act_set_timeout},
    {Action::set_log_level, act_set_log_level},
    {Action::track_sc0, act_track},
    {Action::track_sc1, act_track},
    {Action::track_sc2, act_track},
    {Action::sc_inc_gpc, act_sc_inc_gpc},
    {Action::sc_inc_gpc0, act_sc_inc_gpc0},
    {Action::sc_inc_gpc1, act_sc_inc_gpc1},
    {Action::sc_add_gpc, act_sc_add_gpc},
    {Action::sc_set_gpt, act_sc_set_gpt},
    {Action::sc_set_gpt0, act_sc_set_gpt0},
    {Action::accept, act_allow},
    {Action::reject, act_reject},
    {Action::silent_drop, act_silent_drop},
    {Action::expect_proxy, act_expect_proxy},
    {Action::set_src, act_set_src},
    {Action::set_src_port, act_set_src_port},
    {Action::set_dst, act_set_dst},
    {Action::set_dst_port, act_set_dst_port},
    {Action::set_mark, act_set_mark},
    {Action::set_tos, act_set_tos},
    {Action::set_map, act_put_entry},
    {Action::del_map, act_remove_entry},
    {Action::add_acl, act_put_entry},
    {Action::del_acl, act_remove_entry},
    {Action::capture, act_capture},
    {Action::wait_for_body, act_wait_for_body},
    {Action::pause, act_pause},
    {Action::set_priority_class, act_set_priority},
    {Action::set_priority_offset, act_set_priority},
    {Action::early_hint, act_early_hint},
    {Action::do_log, act_do_log},
    {Action::close, act_close},
    {Action::wait_for_handshake, act_wait_for_handshake},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].action != static_cast<Action>(i) || rows[i].function == nullptr) return false;
  return true;
}
static_assert(in_order());

}  // namespace

ActionFunction* function_of(rules::Action action) noexcept {
  return rows[static_cast<std::size_t>(action)].function;
}

Verdict act_allow(RuleRun&, const config::CompiledRule&) {
  return Verdict::stop;
}

Verdict act_strict_mode(RuleRun& run, const config::CompiledRule& rule) {
  run.set_strict(rule.rule->enabled);
  return Verdict::next;
}

Verdict act_set_timeout(RuleRun& run, const config::CompiledRule& rule) {
  RuleEffects* effects = run.input().effects;
  if (effects == nullptr) return Verdict::next;
  const auto time_ms = static_cast<std::int32_t>(rule.rule->time_ms);
  const bool of_server = rule.rule->timeout == config::ExchangeTimeout::server;
  (of_server ? effects->timeouts.server_ms : effects->timeouts.tunnel_ms) = time_ms;
  return Verdict::next;
}

Verdict act_set_log_level(RuleRun& run, const config::CompiledRule& rule) {
  const config::LogLevel level = rule.rule->level;
  if (run.input().effects != nullptr) {
    run.input().effects->log_level = level;
    return Verdict::next;
  }
  RuledStream& ruled = run.lane().rules->ruled[run.lane().streams.slot(run.input().session.stream)];
  ruled.unlogged = level == config::LogLevel::silent;
  ruled.log_level = static_cast<std::int8_t>(level);
  return Verdict::next;
}

// What there is no sample of leaves the variable as it is.
Verdict act_set_var(RuleRun& run, const config::CompiledRule& rule) {
  const rules::Evaluation evaluation = run.evaluation(rule.expression->needs());
  sample::Sample sample;
  if (rule.expression->make({evaluation.context, evaluation.arena}, sample))
    (void)run.variables().set(rule.variable, sample);
  return Verdict::next;
}

Verdict act_set_var_fmt(RuleRun& run, const config::CompiledRule& rule) {
  TextWriter text(run.lane().rules->text);
  text.append(rule.text, run.evaluation(rule.text.needs()));
  sample::Sample sample;
  sample.set(text.text());
  if (text.fits()) (void)run.variables().set(rule.variable, sample);
  return Verdict::next;
}

Verdict act_capture(RuleRun& run, const config::CompiledRule& rule) {
  const config::CaptureSlots& slots = run.lane().shared.topology.capture_slots(run.input().session.frontend);
  const std::optional<std::uint32_t> bytes = slots.bytes_of(run.is_response(), rule.slot);
  if (!bytes) return Verdict::next;
  const rules::Evaluation evaluation = run.evaluation(rule.expression->needs());
  sample::Sample sample;
  if (!rule.expression->make({evaluation.context, evaluation.arena}, sample::Type::string, sample))
    return Verdict::next;
  sample.text = sample.text.substr(0, *bytes);
  (void)run.variables().set(rule.variable, sample);
  return Verdict::next;
}

Verdict act_wait_for_body(RuleRun& run, const config::CompiledRule& rule) {
  if (run.input().head()->framing == proto::HttpFraming::none) return Verdict::next;
  const std::uint32_t at_least = rule.rule->at_least;
  run.wait.what = RuleWait::For::body;
  run.wait.time_ms = rule.rule->time_ms;
  run.wait.body_bytes = at_least != 0 ? at_least : config::rule_body_bytes_max;
  return Verdict::wait;
}

Verdict act_pause(RuleRun& run, const config::CompiledRule& rule) {
  run.wait.what = RuleWait::For::time;
  run.wait.time_ms = rule.rule->time_ms;
  return Verdict::wait;
}

Verdict act_wait_for_handshake(RuleRun& run, const config::CompiledRule&) {
  const TlsTransport* const tls = run.input().session.tls;
  if (tls == nullptr || !tls->connection().is_early()) return Verdict::next;
  run.wait.what = RuleWait::For::handshake;
  run.wait.time_ms = 0;
  return Verdict::wait;
}

Verdict act_do_log(RuleRun& run, const config::CompiledRule&) {
  run.input().session.stream->log_now(run.input());
  return Verdict::next;
}

Verdict act_unset_var(RuleRun& run, const config::CompiledRule& rule) {
  run.variables().unset(rule.variable);
  return Verdict::next;
}

}  // namespace corelane::proxy
