// SPDX-License-Identifier: Apache-2.0
#include "control/health_checks.hpp"

#include <algorithm>
#include <utility>

namespace corelane::control {

HealthChecks::HealthChecks(Loop& loop, const proxy::Topology& topology, Transitions& transitions,
                           const CheckAddresses& addresses, TlsChecks tls, std::uint64_t seed)
    : loop_(loop),
      topology_(topology),
      transitions_(transitions),
      seed_(seed),
      tls_(std::move(tls)),
      probe_sockets_(loop.ring()) {
  for (std::uint32_t b = 0; b < topology_.backends().size(); ++b) {
    const proxy::Backend& backend = topology_.backends()[b];
    check_of_server_.emplace_back(backend.servers.size(), nullptr);
    agent_of_server_.emplace_back(backend.servers.size(), nullptr);
    const config::Check& configured = backend.config->check;
    const check::Plan* plan = nullptr;
    if (configured.type != config::no_check) {
      const check::CheckType& type = check::registry()[configured.type - 1];
      plan = plans_.emplace_back(std::make_unique<check::Plan>(type, configured)).get();
    }
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) add_server(b, s, plan, addresses);
  }
  transitions_.conditions().on_change([this](const StandingChange& change) { follow_maintenance(change); });
}

void HealthChecks::add_server(std::uint32_t b, std::uint32_t s, const check::Plan* plan,
                              const CheckAddresses& addresses) {
  const proxy::Backend& backend = topology_.backends()[b];
  const config::Server& server = *backend.servers[s].config;
  if (server.check.enabled) {
    ServerCheck& check =
        *checks_.emplace_back(std::make_unique<ServerCheck>(*this, loop_, *plan, backend, b, s));
    check_of_server_[b][s] = &check;
    if (const auto own = addresses.checks.find({b, s}); own != addresses.checks.end())
      check.move_to(own->second);
    check.set_tls(tls_.find(b, s));
    transitions_.conditions().set_check(b, s, check::Opinion::up);  // until the first check says otherwise
  }
  if (server.agent_check.port != 0) {
    ServerAgent& agent = *agents_.emplace_back(std::make_unique<ServerAgent>(*this, loop_, backend, b, s));
    agent_of_server_[b][s] = &agent;
    if (const auto own = addresses.agents.find({b, s}); own != addresses.agents.end())
      agent.move_to(own->second);
  }
}

HealthChecks::~HealthChecks() {
  CORELANE_CHECK(idle() && waiting_.empty());
}

// Agents go on: one may have asked for the maintenance, and may end it.
void HealthChecks::follow_maintenance(const StandingChange& change) {
  const bool before = change.before.word == check::ServerWord::maint;
  const bool after = change.after.word == check::ServerWord::maint;
  ServerCheck* check = check_of_server_[change.backend][change.server];
  if (check == nullptr || before == after || stopping_) return;
  if (after) {
    check->pause();
  } else {
    check->resume();
  }
}

void HealthChecks::start() {
  const auto count = static_cast<std::uint32_t>(checks_.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const config::Check& check = topology_.model().backends[checks_[i]->backend_index()].check;
    checks_[i]->start(check::first_check_delay_us(i, count, base::ms_to_us(check.interval_ms), seed_));
  }
  const auto agents = static_cast<std::uint32_t>(agents_.size());
  for (std::uint32_t i = 0; i < agents; ++i)
    agents_[i]->start(check::first_check_delay_us(i, agents, agents_[i]->interval_us(), seed_));
}

void HealthChecks::stop() {
  stopping_ = true;
  for (const auto& check : checks_) check->stop();
  for (const auto& agent : agents_) agent->stop();
}

void HealthChecks::request_turn(CheckTurn& turn) {
  waiting_.push_back(turn);
  serve_waiting();
}

CheckConnection& HealthChecks::take_connection() {
  if (connections_free_.empty()) return connections_.emplace_back(loop_, probe_sockets_);
  CheckConnection* connection = connections_free_.back();
  connections_free_.pop_back();
  return *connection;
}

void HealthChecks::release_turn(CheckConnection* connection) {
  connections_free_.push_back(connection);
  --under_way_;
  serve_waiting();
}

void HealthChecks::serve_waiting() {
  // An attempt that fails at once comes back here; the loop below then goes on instead of nesting.
  if (serving_) return;
  serving_ = true;
  while (!stopping_ && under_way_ < concurrent_max && !waiting_.empty()) {
    auto& next = static_cast<CheckTurn&>(*waiting_.front());
    next.unlink();
    ++under_way_;
    next.begin();
  }
  serving_ = false;
}

void HealthChecks::changed(const ServerCheck& check) {
  const std::uint32_t b = check.backend_index();
  const std::uint32_t s = check.server_index();
  transitions_.change(b, s, check.history().last(), "", [&](ServerConditions& conditions) {
    conditions.set_check(b, s, check.history().opinion());
  });
}

void HealthChecks::errors_observed(std::uint32_t backend, std::uint32_t server) {
  check_of_server_[backend][server]->errors_observed();
}

void HealthChecks::replace_tls(std::vector<proxy::TlsServerPlace> contexts) {
  for (std::size_t i = 0; i < contexts.size(); ++i)
    if (contexts[i] != nullptr) tls_.servers.contexts[i] = std::move(contexts[i]);
}

const ServerCheck* HealthChecks::find(std::uint32_t backend, std::uint32_t server) const {
  return check_of_server_[backend][server];
}

const ServerAgent* HealthChecks::find_agent(std::uint32_t backend, std::uint32_t server) const {
  return agent_of_server_[backend][server];
}

}  // namespace corelane::control
