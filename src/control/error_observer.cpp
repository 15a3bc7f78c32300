// SPDX-License-Identifier: Apache-2.0
#include "control/error_observer.hpp"

namespace corelane::control {

ErrorObserver::ErrorObserver(Loop& loop, const proxy::Topology& topology) : loop_(loop), topology_(topology) {
  for (std::uint32_t b = 0; b < topology.backends().size(); ++b) {
    const proxy::Backend& backend = topology.backends()[b];
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      if (backend.servers[s].error_limit != 0) observed_.push_back({b, s});
    }
  }
  loop_.on_wake(&ErrorObserver::woken, this);
}

ErrorObserver::~ErrorObserver() {
  loop_.forget_wake(this);
}

void ErrorObserver::on_server_errors(void* context, io::Ring* lane_ring) {
  auto& self = *static_cast<ErrorObserver*>(context);
  if (!self.something_new_.exchange(true, std::memory_order_acq_rel)) self.loop_.ring().wake(lane_ring);
}

void ErrorObserver::start(HealthChecks& checks) {
  checks_ = &checks;
  look();
}

void ErrorObserver::woken(void* context) {
  // Wakes come for other reasons too.
  auto& self = *static_cast<ErrorObserver*>(context);
  if (self.something_new_.load(std::memory_order_relaxed)) self.look();
}

void ErrorObserver::look() {
  if (checks_ == nullptr) return;
  something_new_.exchange(false, std::memory_order_acq_rel);
  for (Observed& observed : observed_) {
    const proxy::Server& server = topology_.backends()[observed.backend].servers[observed.server];
    const std::uint32_t reached = server.state->error_limits_reached.load(std::memory_order_acquire);
    for (; observed.told != reached; ++observed.told) {
      checks_->errors_observed(observed.backend, observed.server);
    }
  }
}

}  // namespace corelane::control
