// SPDX-License-Identifier: Apache-2.0
#include "control/server_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
    : state_(*backend.servers[server_index].state),
      owner_(owner),
      plan_(plan),
      timeout_us_(check_timeout_us(backend.config->timeouts, backend.config->check.interval_ms)),
      history_(health_options(backend.config->check), loop.now()),
      loop_(loop),
      backend_(*backend.config),
      server_(backend.servers[server_index]),
      backend_index_(backend_index),
      server_index_(server_index) {
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
  self.owner_.request_turn(self);
}

void ServerCheck::begin() {
  phase_ = Phase::checking;
  const io::SocketAddress* address = state_.address.load(std::memory_order_acquire);
  if (address != aimed_for_) {
    target_ = check_target(server_, own_address_ ? &*own_address_ : nullptr, tls_);
    aimed_for_ = address;
  }
  connection_ = &owner_.take_connection();
  connection_->start(*this, target_, plan_, timeout_us_);
}

void ServerCheck::check_judged(const CheckOutcome& outcome) {
  if (!outcome.verdict) {
    ++checks_skipped_;
    return;
  }
  const check::Transition transition =
      history_.record({.status = outcome.verdict->status,
                       .duration_us = outcome.duration_us,
                       .ended_at = connection_->started_at() + outcome.duration_us,
                       .code = outcome.verdict->code,
                       .text = outcome.verdict->text});
  if (transition != check::Transition::none) owner_.changed(*this);
}

// As HAProxy: whatever on_error says, the next check comes soon.
void ServerCheck::errors_observed() {
  if (paused_) return;
  const config::Server& server = *server_.config;
  const base::TimeUs now = loop_.now();
  const check::Transition transition = history_.record_errors(
      server.on_error, {.status = check::CheckStatus::health_analyze,
                        .ended_at = now,
                        .text = fmt::format("Detected {} consecutive errors, last one was: L4 unsuccessful "
                                            "connection",
                                            server.error_limit)});
  const base::TimeUs soon = now + base::ms_to_us(backend_.check.fast_interval_ms);
  if (phase_ == Phase::planned && soon < timer_.expiry && !owner_.stopping()) plan_at(soon);
  if (transition != check::Transition::none) owner_.changed(*this);
}

void ServerCheck::check_closed() {
  phase_ = Phase::planned;
  if (!owner_.stopping() && !paused_) {
    // From start to start, so that a slow answer does not make the checks rarer.
    const base::TimeUs interval = history_.next_interval_us();
    plan_at(check::start_on_grid_us(connection_->started_at() + interval, interval));
  }
  owner_.release_turn(std::exchange(connection_, nullptr));
}

void ServerCheck::stop() {
  end_present();
}

void ServerCheck::pause() {
  paused_ = true;
  end_present();
}

void ServerCheck::resume() {
  paused_ = false;
  history_.restart(loop_.now());
  // One that is still being ended plans the next when it has.
  if (phase_ == Phase::planned && !owner_.stopping()) plan_at(loop_.now());
}

void ServerCheck::end_present() {
  loop_.timers().stop(timer_);
  if (phase_ == Phase::queued) {
    unlink();
    phase_ = Phase::planned;
  } else if (phase_ == Phase::checking) {
    connection_->cancel();
  }
}

}  // namespace corelane::control
