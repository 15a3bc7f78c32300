// SPDX-License-Identifier: Apache-2.0
// What rules do with the client's connection.
#include <algorithm>
#include <charconv>
#include <limits>

#include "io/socket_options.hpp"
#include "proxy/http_actions.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

Session& session_of(RuleRun& run) {
  return run.input().session.stream->session();
}

/// False: the expression makes no such sample.
bool make(RuleRun& run, const config::CompiledRule& rule, sample::Type type, sample::Sample& sample) {
  const rules::Evaluation evaluation = run.evaluation(rule.expression->needs());
  return rule.expression->make({evaluation.context, evaluation.arena}, type, sample);
}

void set_address(RuleRun& run, const config::CompiledRule& rule, base::Endpoint& endpoint) {
  sample::Sample sample;
  if (!make(run, rule, sample::Type::address, sample)) return;
  endpoint = sample.address;
  endpoint.port = 0;
}

void set_port(RuleRun& run, const config::CompiledRule& rule, base::Endpoint& endpoint) {
  sample::Sample sample;
  if (!base::is_ip(endpoint.family) || !make(run, rule, sample::Type::sint, sample)) return;
  constexpr std::int64_t port_max = std::numeric_limits<std::uint16_t>::max();
  if (sample.integer >= 0 && sample.integer <= port_max)
    endpoint.port = static_cast<std::uint16_t>(sample.integer);
}

/// A number that was found sound when the file was read: decimal, or hexadecimal behind 0x.
std::uint32_t number_of(const config::CompiledRule& rule) {
  std::string_view text = rule.rule->value;
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint32_t number = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  return number;
}

// Without the permission for it the connection goes on as it is, as behind HAProxy.
void set_option(RuleRun& run, const io::SocketOptions& options) {
  const Session& session = run.input().session;
  (void)io::socket_set_options(session.socket, io::socket_local(session.socket).family, options);
}

}  // namespace

Verdict act_reject(RuleRun&, const config::CompiledRule&) {
  return Verdict::answered;
}

Verdict act_close(RuleRun& run, const config::CompiledRule&) {
  run.input().session.stream->drop_server();
  return Verdict::stop;
}

Verdict act_silent_drop(RuleRun& run, const config::CompiledRule&) {
  io::socket_close_silently(run.input().session.socket);
  return Verdict::answered;
}

Verdict act_expect_proxy(RuleRun& run, const config::CompiledRule&) {
  run.input().session.stream->expect_proxy();
  return Verdict::next;
}

Verdict act_set_src(RuleRun& run, const config::CompiledRule& rule) {
  set_address(run, rule, session_of(run).endpoint);
  return Verdict::next;
}

Verdict act_set_src_port(RuleRun& run, const config::CompiledRule& rule) {
  set_port(run, rule, session_of(run).endpoint);
  return Verdict::next;
}

Verdict act_set_dst(RuleRun& run, const config::CompiledRule& rule) {
  set_address(run, rule, session_of(run).destination);
  return Verdict::next;
}

Verdict act_set_dst_port(RuleRun& run, const config::CompiledRule& rule) {
  Session& session = session_of(run);
  session.destination = session.own_endpoint();
  set_port(run, rule, session.destination);
  return Verdict::next;
}

Verdict act_set_mark(RuleRun& run, const config::CompiledRule& rule) {
  set_option(run, {.mark = number_of(rule)});
  return Verdict::next;
}

Verdict act_set_tos(RuleRun& run, const config::CompiledRule& rule) {
  set_option(run, {.tos = static_cast<std::uint8_t>(number_of(rule))});
  return Verdict::next;
}

Verdict act_set_priority(RuleRun& run, const config::CompiledRule& rule) {
  sample::Sample sample;
  if (!make(run, rule, sample::Type::sint, sample)) return Verdict::next;
  LaneState& lane = run.lane();
  QueuePriority& priority = lane.rules->ruled[lane.streams.slot(run.input().session.stream)].priority;
  rule.action == rules::Action::set_priority_class ? priority.set_class(sample.integer)
                                                   : priority.set_offset_ms(sample.integer);
  return Verdict::next;
}

}  // namespace corelane::proxy
