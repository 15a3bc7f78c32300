// SPDX-License-Identifier: Apache-2.0
#include "runtime/control_plane.hpp"

#include <unistd.h>

#include <random>
#include <utility>

#include "config/config.hpp"

namespace corelane::runtime {

namespace {

// One quiet thread: far less than a lane's.
constexpr io::RingOptions control_ring{.submission_entries = 256,
                                       .completion_entries = 4096,
                                       .buffer_size = 4096,
                                       .buffers_max = 512,
                                       .buffers_offered_min = 8,
                                       .buffers_offered_max = 128};

}  // namespace

std::unique_ptr<ControlPlane> ControlPlane::create(std::string& failure) {
  std::unique_ptr<io::Ring> ring = io::Ring::create(control_ring, failure);
  if (ring == nullptr) return nullptr;
  return std::unique_ptr<ControlPlane>(new ControlPlane(std::move(ring)));
}

ControlPlane::ControlPlane(std::unique_ptr<io::Ring> ring)
    : ring_(std::move(ring)), timers_(ring_->now()), loop_(*ring_, timers_) {}

ControlPlane::~ControlPlane() = default;

std::optional<Failure> ControlPlane::open(ControlPlaneParts given, Resolver& resolver) {
  const ControlPlaneParts& parts = parts_.emplace(std::move(given));
  configuration_ = config::dump(parts.topology.model());
  log_.emplace(loop_, parts.topology, ::getpid());
  if (auto failure = log_->open(resolver)) return failure;
  std::vector<LogOutput::Queue*> queues;
  for (const std::unique_ptr<proxy::Lane>& lane : parts.lanes) queues.push_back(&lane->log_queue());
  log_->attach(std::move(queues));
  parts.shared.control_ring = ring_.get();
  parts.shared.log_wanted = log_->has_targets();
  parts.shared.on_log_waiting = &LogOutput::on_log_waiting;
  parts.shared.on_log_waiting_context = &*log_;
  observer_.emplace(loop_, parts.topology);
  parts.shared.on_server_errors = &control::ErrorObserver::on_server_errors;
  parts.shared.on_server_errors_context = &*observer_;
  pattern_updates_.emplace(loop_, parts.topology.model().pattern_files.sets.get());
  parts.shared.on_pattern_changes = &control::PatternUpdates::on_pattern_changes;
  parts.shared.on_pattern_changes_context = &*pattern_updates_;
  return std::nullopt;
}

bool ControlPlane::start(control::ProcessFacts facts, const std::vector<io::Descriptor>& admin,
                         SignalHandler on_signal) {
  facts_ = std::move(facts);
  facts_.started_at = ring_->now();
  proxy::Topology& topology = parts_->topology;
  const std::vector<const stats::LaneBlock*>& blocks = parts_->shared.blocks;
  rates_.emplace(loop_, topology, blocks);
  conditions_.emplace(loop_, topology);
  conditions_->on_change([this](const control::StandingChange& change) { on_standing_change(change); });
  transitions_.emplace(topology, *conditions_, blocks,
                       control::Transitions::Listener{
                           .on_transition = [this](const auto& change) { on_transition(change); },
                           .on_admin_state = [this](const auto& change) { on_admin_state(change); }});
  tracking_.emplace(topology, *transitions_);
  checks_.emplace(loop_, topology, *transitions_, parts_->check_addresses, std::move(parts_->tls_checks),
                  std::random_device{}());
  server_admin_.emplace(topology, *transitions_, [this](const std::string& text) {
    say(logfmt::SyslogSeverity::notice, "server", text);
  });
  session_admin_.emplace(loop_, topology.model(), parts_->lanes, [this](const std::string& text) {
    say(logfmt::SyslogSeverity::notice, "sessions", text);
  });
  quiet_lanes_.emplace(loop_, parts_->lanes, parts_->shared);
  pattern_admin_.emplace(
      topology.model().pattern_files.sets.get(), *quiet_lanes_,
      [this](const std::string& text) { say(logfmt::SyslogSeverity::notice, "patterns", text); });
  table_admin_.emplace(loop_, topology);
  certificates_.emplace(topology.model(), std::move(parts_->tls), parts_->lanes.size(),
                        parts_->shared.tls_sessions.get(),
                        [this](TlsMade made) { replace_tls(std::move(made)); });
  certificate_admin_.emplace(
      *certificates_, loop_,
      [this](logfmt::SyslogSeverity severity, const std::string& text) { say(severity, "tls", text); });
  admin_.emplace(loop_, admin_sources());
  if (!signals_.watch(*ring_, on_signal.handler, on_signal.context)) return false;
  for (const io::Descriptor listener : admin) admin_->listen(listener);
  rates_->start();
  table_admin_->start();
  tracking_->start();
  checks_->start();
  observer_->start(*checks_);
  pattern_updates_->start(parts_->lanes, *quiet_lanes_, [this](const std::string& text) {
    say(logfmt::SyslogSeverity::warning, "patterns", text);
  });
  return true;
}

control::AdminSources ControlPlane::admin_sources() {
  return {
      .stats =
          [this] {
            return control::stats_text(
                {parts_->topology, parts_->shared.blocks, *checks_, *conditions_, *rates_, facts_}, state(),
                loop_.now());
          },
      .readiness = [this] { return control::readiness_of(parts_->topology, accepting_); },
      .configuration = [this] { return configuration_; },
      .patch_server = [this](const control::AdminCall& call) { return server_admin_->patch(call); },
      .patterns = [this](const control::AdminCall& call, control::PatternVerb verb,
                         bool maps) { return pattern_admin_->answer(call, verb, maps); },
      .tables = [this](const control::AdminCall& call,
                       control::TableVerb verb) { return table_admin_->answer(call, verb); },
      .certificates = [this](
                          const control::AdminCall& call,
                          control::CertificateVerb verb) { return certificate_admin_->answer(call, verb); },
      .list_sessions = [this](const control::AdminCall& call) { return session_admin_->list(call); },
      .end_session = [this](const control::AdminCall& call) { return session_admin_->end_one(call); },
      .end_sessions = [this](const control::AdminCall& call) { return session_admin_->end_matching(call); }};
}

// Each lane finds its own at its next handshake; the message is for those that have none.
void ControlPlane::replace_tls(TlsMade made) {
  for (std::size_t lane = 0; lane < made.lanes.size(); ++lane)
    parts_->shared.tls_replacements[lane].give(std::move(made.lanes[lane]));
  checks_->replace_tls(std::move(made.checks));
  parts_->tell_lanes({.kind = proxy::LaneMessage::Kind::tls_replaced});
}

void ControlPlane::reload() {
  if (!certificates_->any()) {
    parts_->notices.say("reload",
                        "HUP: this version cannot reload; restart it to apply a changed configuration");
    return;
  }
  parts_->notices.say("reload",
                      "HUP: the files of TLS are read again; restart to apply a changed configuration");
  certificate_admin_->reload();
}

control::ProcessState ControlPlane::state() const {
  return {.accepting = accepting_,
          .log_lines = log_->lines(),
          .log_dropped = log_->dropped(),
          .admin_requests = admin_->requests()};
}

void ControlPlane::on_standing_change(const control::StandingChange& change) {
  parts_->tell_lanes({.kind = proxy::LaneMessage::Kind::servers_changed, .backend = change.backend});
  const config::Server& server = parts_->topology.model().backends[change.backend].servers[change.server];
  if (change.went_down() && server.on_marked_down == config::OnMarkedDown::shutdown_sessions) {
    parts_->tell_lanes({proxy::LaneMessage::Kind::server_down, change.backend, change.server});
  }
}

void ControlPlane::on_transition(const control::ServerTransition& transition) {
  const config::Backend& backend = parts_->topology.model().backends[transition.backend];
  const bool down = transition.to == control::ServerTransition::To::down;
  say(!down ? logfmt::SyslogSeverity::notice : logfmt::SyslogSeverity::alert, "server",
      control::server_transition_text(transition, backend.name, backend.servers[transition.server].name));
  if (down && transition.usable.active + transition.usable.backup == 0) {
    say(logfmt::SyslogSeverity::emergency, "backend", control::backend_unavailable_text(backend.name));
  }
}

void ControlPlane::on_admin_state(const control::AdminStateChange& change) {
  const config::Backend& backend = parts_->topology.model().backends[change.backend];
  say(logfmt::SyslogSeverity::notice, "server",
      control::admin_state_text(change, backend.name, backend.servers[change.server].name));
  if (change.took_last)
    say(logfmt::SyslogSeverity::emergency, "backend", control::backend_unavailable_text(backend.name));
}

void ControlPlane::say(logfmt::SyslogSeverity severity, std::string_view event, const std::string& text) {
  parts_->notices.say(event, text);
  log_->message(severity, event, text);
}

void ControlPlane::reopen_logs() {
  log_->reopen();
}

void ControlPlane::stop() {
  signals_.stop();
  rates_->stop();
  table_admin_->stop();
  pattern_updates_->stop();
  certificate_admin_->stop();
  checks_->stop();
  conditions_->stop();
  admin_->stop();
  log_->finish();
  while (signals_.ops_in_flight != 0 || !checks_->idle() || !admin_->idle()) loop_.turn();
}

}  // namespace corelane::runtime
