// SPDX-License-Identifier: Apache-2.0
#include "control/health_checks.hpp"

#include <algorithm>

namespace corelane::control {

HealthChecks::HealthChecks(Loop& loop, const proxy::Topology& topology, ServerConditions& conditions,
                           const std::vector<const stats::LaneBlock*>& blocks,
                           const CheckAddresses& addresses, std::uint64_t seed, HealthCallbacks callbacks)
    : loop_(loop),
      topology_(topology),
      conditions_(conditions),
      blocks_(blocks),
      callbacks_(std::move(callbacks)),
      seed_(seed) {
  for (std::uint32_t b = 0; b < topology_.backends().size(); ++b) {
    const proxy::Backend& backend = topology_.backends()[b];
    auto& row = check_of_server_.emplace_back(backend.servers.size(), nullptr);
    const config::Check& configured = backend.config->check;
    if (configured.type == config::no_check) continue;
    const check::CheckType& type = check::registry()[configured.type - 1];
    const check::Plan& plan = *plans_.emplace_back(std::make_unique<check::Plan>(type, configured));
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      if (!backend.servers[s].config->check.enabled) continue;
      checks_.push_back(std::make_unique<ServerCheck>(*this, loop_, plan, backend, b, s));
      row[s] = checks_.back().get();
      if (const auto own = addresses.find({b, s}); own != addresses.end()) row[s]->move_to(own->second);
      conditions_.set_check(b, s, check::Opinion::up);  // until the first check says otherwise
    }
  }
}

HealthChecks::~HealthChecks() {
  CORELANE_CHECK(idle() && waiting_.empty());
}

void HealthChecks::start() {
  const auto count = static_cast<std::uint32_t>(checks_.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const config::Check& check = topology_.model().backends[checks_[i]->backend_index()].check;
    checks_[i]->start(check::first_check_delay_us(i, count, base::ms_to_us(check.interval_ms), seed_));
  }
}

void HealthChecks::stop() {
  stopping_ = true;
  for (const auto& check : checks_) check->stop();
}

void HealthChecks::request_slot(ServerCheck& check) {
  waiting_.push_back(check);
  serve_waiting();
}

void HealthChecks::release_slot() {
  --under_way_;
  serve_waiting();
}

void HealthChecks::serve_waiting() {
  // An attempt that fails at once comes back here; the loop below then goes on instead of nesting.
  if (serving_) return;
  serving_ = true;
  while (!stopping_ && under_way_ < concurrent_max && !waiting_.empty()) {
    auto& next = static_cast<ServerCheck&>(*waiting_.front());
    next.unlink();
    ++under_way_;
    next.begin();
  }
  serving_ = false;
}

void HealthChecks::changed(const ServerCheck& check) {
  const bool up = check.history().health().up();
  const std::uint32_t b = check.backend_index();
  const std::uint32_t s = check.server_index();
  const bool was_serving = conditions_.standing(b, s).serving();
  std::uint64_t connections = 0;  // before any of them is ended for it
  for (const stats::LaneBlock* block : blocks_) connections += block->server(b, s).connections_current.get();
  conditions_.set_check(b, s, up ? check::Opinion::up : check::Opinion::down);
  // Nothing to tell when others have kept, or keep, the server down.
  if (conditions_.standing(b, s).serving() == was_serving || !callbacks_.on_transition) return;
  callbacks_.on_transition({.backend = b,
                            .server = s,
                            .up = up,
                            .result = check.history().last(),
                            .usable = usable_servers(topology_.backends()[b]),
                            .connections_current = connections});
}

const ServerCheck* HealthChecks::find(std::uint32_t backend, std::uint32_t server) const {
  return check_of_server_[backend][server];
}

}  // namespace corelane::control
