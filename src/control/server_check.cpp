// SPDX-License-Identifier: Apache-2.0
#include "control/server_check.hpp"

#include <algorithm>

#include "control/check_place.hpp"
#include "control/health_checks.hpp"

namespace corelane::control {

namespace {

check::HealthOptions health_options(const config::Check& check) {
  return {.rise = check.rise,
          .fall = check.fall,
          .interval_us = base::ms_to_us(check.interval_ms),
          .fast_interval_us = base::ms_to_us(check.fast_interval_ms),
          .down_interval_us = base::ms_to_us(check.down_interval_ms)};
}

}  // namespace

ServerCheck::ServerCheck(HealthChecks& owner, Loop& loop, const check::Plan& plan,
                         const proxy::Backend& backend, std::uint32_t backend_index,
                         std::uint32_t server_index)
    : owner_(owner),
      loop_(loop),
      plan_(plan),
      backend_(*backend.config),
      server_(backend.servers[server_index]),
      backend_index_(backend_index),
      server_index_(server_index),
      history_(health_options(backend.config->check), loop.now()),
      connection_(loop, *this) {
  timer_.owner = this;
  timer_.handler = &ServerCheck::timer_due;
}

void ServerCheck::start(base::TimeUs delay_us) {
  plan_at(check::start_on_grid_us(loop_.now() + delay_us, history_.next_interval_us()));
}

void ServerCheck::plan_at(base::TimeUs time) {
  loop_.timers().set(timer_, std::max(time, loop_.now()));
}

void ServerCheck::timer_due(base::Timer& timer) {
  auto& self = *static_cast<ServerCheck*>(timer.owner);
  self.phase_ = Phase::queued;
  self.owner_.request_slot(self);
}

void ServerCheck::begin() {
  phase_ = Phase::checking;
  connection_.start(plan_, check_target(server_, own_address_ ? &*own_address_ : nullptr), timeout_us());
}

void ServerCheck::check_judged(const CheckOutcome& outcome) {
  if (!outcome.verdict) {
    ++checks_skipped_;
    return;
  }
  const check::Transition transition = history_.record({.status = outcome.verdict->status,
                                                        .duration_us = outcome.duration_us,
                                                        .ended_at = loop_.ring().now(),
                                                        .code = outcome.verdict->code,
                                                        .text = outcome.verdict->text});
  if (transition != check::Transition::none) owner_.changed(*this);
}

void ServerCheck::check_closed() {
  phase_ = Phase::planned;
  if (!owner_.stopping()) {
    // From start to start, so that a slow answer does not make the checks rarer.
    const base::TimeUs interval = history_.next_interval_us();
    plan_at(check::start_on_grid_us(connection_.started_at() + interval, interval));
  }
  owner_.release_slot();
}

void ServerCheck::stop() {
  loop_.timers().stop(timer_);
  if (phase_ == Phase::queued) {
    unlink();
    phase_ = Phase::planned;
  } else if (phase_ == Phase::checking) {
    connection_.cancel();
  }
}

base::TimeUs ServerCheck::timeout_us() const {
  const config::Timeouts& timeouts = backend_.timeouts;
  if (timeouts.check_ms != 0) return base::ms_to_us(timeouts.check_ms);
  const std::int64_t interval_ms = backend_.check.interval_ms;
  return base::ms_to_us(timeouts.connect_ms == 0 ? interval_ms : std::min(timeouts.connect_ms, interval_ms));
}

}  // namespace corelane::control
