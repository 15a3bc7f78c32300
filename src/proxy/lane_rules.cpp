// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane_rules.hpp"

#include <algorithm>

#include "proxy/lane_state.hpp"
#include "proxy/stream_tls.hpp"
#include "proxy/text_writer.hpp"
#include "sample/captured.hpp"

namespace corelane::proxy {

namespace {

/// What the slots of a frontend's log lines take at most, where rules fill some; of fields that are captured
/// a rule may ask for the whole target, too.
std::size_t captured_bytes(const Topology& topology) {
  std::size_t most = 0;
  for (std::uint32_t f = 0; f < topology.model().frontends.size(); ++f) {
    const config::CaptureSlots& slots = topology.capture_slots(f);
    std::size_t bytes = sample::captured_uri_bytes_max;
    for (const std::uint32_t length : slots.request) bytes += length;
    for (const std::uint32_t length : slots.response) bytes += length;
    if (!slots.request.empty() || !slots.response.empty()) most = std::max(most, (bytes + 7) / 8 * 8);
  }
  return most;
}

}  // namespace

LaneRules::LaneRules(const Topology& topology, const LaneOptions& options)
    : random_state((options.seed + options.index) | 1),
      identities(options.index, options.lanes, options.connections_max),
      users(topology.model().user_lists, options.seed + options.index) {
  const std::uint32_t streams = options.connections_max;
  if (!topology.variable_names().empty())
    variables = std::make_unique<LaneVariables>(topology.variable_names(), streams, captured_bytes(topology));
  if (!topology.tables().empty()) tracking = std::make_unique<LaneTracking>(streams);
  if (const std::optional<std::uint32_t> words = LaneSticking::words_for(topology))
    sticking = std::make_unique<LaneSticking>(*words, streams);
  ruled.resize(streams);
  sets_priorities = topology.rules_set_priorities();
}

bool HintText::add(std::string_view name, std::string_view value) noexcept {
  constexpr std::size_t marks_bytes = 4;  // ": " and the line end
  if (name.size() + value.size() + marks_bytes > bytes_.size() - size_) return false;
  for (const std::string_view part : {name, std::string_view(": "), value, std::string_view("\r\n")}) {
    std::ranges::copy(part, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += part.size();
  }
  return true;
}

void forget_request_variables(LaneState& lane, const Stream& stream) {
  if (lane.rules == nullptr || lane.rules->variables == nullptr) return;
  const sample::VariableNames& names = lane.rules->variables->names();
  if (names.of_stream() == 0) return;
  sample::VariableBlock block = lane.rules->variables->of_stream(lane.streams.slot(&stream));
  for (std::uint32_t slot = 0; slot < names.of_stream(); ++slot)
    if (names.scope_of(slot) == sample::VariableScope::req) block.unset(slot);
}

const config::FrontendRules* rules_of(const RuleInput& input) {
  return input.lane.shared.topology.rules(input.session.frontend);
}

RuleScene::RuleScene(const RuleInput& input)
    : live_(input.lane, input.session, input.server_connection,
            input.lane.rules->ruled[input.lane.streams.slot(input.session.stream)]),
      identity_(input),
      body_(input),
      context_{.live = &live_,
               .client = &input.session.endpoint,
               .request = input.request,
               .response = input.response,
               .users = &input.lane.rules->users,
               .content = input.content,
               .body = input.head() == nullptr ? nullptr : &body_,
               .timeouts = input.effects != nullptr ? &input.effects->timeouts : nullptr,
               .identity = &identity_,
               .client_tls = input.session.tls != nullptr ? &input.session.tls->connection() : nullptr,
               .server_tls = input.server_connection != nullptr && input.server_connection->tls != nullptr
                                 ? &input.server_connection->tls->connection()
                                 : nullptr,
               .server_tls_fault = StreamTls::last_fault(*input.session.stream).words,
               .frontend_name = input.lane.model().frontends[input.session.frontend].name,
               .frontend = input.session.frontend,
               .backend = input.backend,
               .server = input.server,
               .request_number = input.request_number,
               .wall_us = input.lane.now + input.lane.options.wall_offset_us,
               .accepted_wall_us = input.session.accepted_at + input.lane.options.wall_offset_us,
               .process_id = input.lane.shared.process_id,
               .random_state = &input.lane.rules->random_state,
               .host_name = input.lane.shared.host_name,
               .lane = input.lane.options.index,
               .stopping = input.lane.draining,
               .utc_offset = input.lane.shared.utc_offset},
      arena_(input.lane.rules->arena) {
  if (input.lane.rules->variables != nullptr) find_variables(input);
  if (input.lane.rules->tracking != nullptr) find_tracked(input);
}

void RuleScene::find_tracked(const RuleInput& input) {
  const LaneTracking::Keys& keys =
      input.lane.rules->tracking->of(input.lane.streams.slot(input.session.stream));
  stick_ = {.tables = input.lane.shared.topology.tables(),
            .stream = &keys.stream,
            .session = &keys.session,
            .now_ms = input.lane.now_ms()};
  context_.stick = &stick_;
}

void RuleScene::find_variables(const RuleInput& input) {
  LaneVariables& variables = *input.lane.rules->variables;
  const std::uint32_t stream = input.lane.streams.slot(input.session.stream);
  context_.variables = &variables_;
  variables_.process = input.lane.shared.topology.process_variables();
  if (variables.names().of_session() != 0)
    variables_.session = &session_variables_.emplace(variables.of_session(stream));
  if (variables.names().of_stream() != 0)
    variables_.stream = &stream_variables_.emplace(variables.of_stream(stream));
}

void forget_session_variables(LaneState& lane, const Stream& stream) {
  if (lane.rules == nullptr || lane.rules->variables == nullptr) return;
  LaneVariables& variables = *lane.rules->variables;
  if (variables.names().of_session() != 0) variables.of_session(lane.streams.slot(&stream)).clear();
}

void forget_stream_variables(LaneState& lane, const Stream& stream) {
  if (lane.rules == nullptr) return;
  lane.rules->identities.forget(lane.streams.slot(&stream));
  lane.rules->ruled[lane.streams.slot(&stream)] = {};
  if (lane.rules->variables == nullptr) return;
  LaneVariables& variables = *lane.rules->variables;
  if (variables.names().of_stream() != 0) variables.of_stream(lane.streams.slot(&stream)).clear();
}

namespace {

/// As HAProxy: where there is no backend of this name, the default one is taken and no further rule is
/// looked at.
std::uint32_t named_backend(const RuleInput& input, const config::FrontendRules::UseBackend& rule,
                            const RuleScene& scene) {
  TextWriter name(input.lane.rules->text);
  name.append(rule.name, scene.evaluation());
  const std::uint32_t backend = name.fits() ? rules_of(input)->find_backend(name.text()) : config::no_index;
  if (backend != config::no_index) return backend;
  return input.lane.model().frontends[input.session.frontend].default_backend;
}

}  // namespace

std::uint32_t backend_by_rules(const RuleInput& input) {
  const config::Frontend& frontend = input.lane.model().frontends[input.session.frontend];
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || rules->use_backend.empty()) return frontend.default_backend;
  const RuleScene scene(input);
  const std::uint32_t first = rules->first_use_backend.find(scene.evaluation());
  if (first == rules::FirstMatch::none) return frontend.default_backend;
  const config::FrontendRules::UseBackend& rule = rules->use_backend[first];
  return rule.backend != config::no_index ? rule.backend : named_backend(input, rule, scene);
}

std::uint32_t server_by_rules(const RuleInput& input, bool forced) {
  const Topology& topology = input.lane.shared.topology;
  const config::BackendRules* rules = topology.backend_rules(input.backend);
  if (rules == nullptr || rules->use_server.empty()) return config::no_index;
  const RuleScene scene(input);
  for (std::uint32_t rule = 0;; ++rule) {
    rule = rules->first_use_server.find(scene.evaluation(), rule);
    if (rule == rules::FirstMatch::none) return config::no_index;
    const std::uint32_t server = rules->use_server[rule].server;
    const ServerState& state = *topology.backends()[input.backend].servers[server].state;
    if (forced || state.status.load(std::memory_order_relaxed) == ServerStatus::up) return server;
  }
}

PersistenceJudged judge_persistence(const RuleInput& input) {
  const config::BackendRules* rules = input.lane.shared.topology.backend_rules(input.backend);
  if (rules == nullptr || (!rules->force_persist && !rules->ignore_persist)) return {};
  const RuleScene scene(input);
  PersistenceJudged judged;
  judged.forced = rules->force_persist && rules->force_persist->holds(scene.evaluation());
  judged.ignored =
      !judged.forced && rules->ignore_persist && rules->ignore_persist->holds(scene.evaluation());
  return judged;
}

bool monitor_fails(const RuleInput& input) {
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || !rules->monitor_fail) return false;
  const RuleScene scene(input);
  return rules->monitor_fail->holds(scene.evaluation());
}

}  // namespace corelane::proxy
