// SPDX-License-Identifier: Apache-2.0
#include "control/server_check.hpp"

#include <algorithm>
#include <cerrno>

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

ServerCheck::ServerCheck(HealthChecks& owner, Loop& loop, const proxy::Backend& backend,
                         std::uint32_t backend_index, std::uint32_t server_index)
    : owner_(owner),
      loop_(loop),
      backend_(*backend.config),
      server_(backend.servers[server_index]),
      backend_index_(backend_index),
      server_index_(server_index),
      history_(health_options(backend.config->check), loop.now()),
      connect_op_(&ServerCheck::connected, this) {
  timer_.owner = this;
  timer_.handler = &ServerCheck::timer_due;
}

void ServerCheck::start(base::TimeUs delay_us) {
  loop_.timers().set(timer_, loop_.now() + delay_us);
}

void ServerCheck::timer_due(base::Timer& timer) {
  auto& self = *static_cast<ServerCheck*>(timer.owner);
  if (self.phase_ == Phase::connecting) {
    self.conclude(ETIMEDOUT);
  } else {
    self.phase_ = Phase::queued;
    self.owner_.request_slot(self);
  }
}

void ServerCheck::connect() {
  phase_ = Phase::connecting;
  started_at_ = loop_.ring().now();
  // No keep-alive: the connection ends at once.
  const io::Descriptor socket = io::socket_open_stream(server_.address.family(), {});
  if (socket < 0) {
    conclude(-socket);
    return;
  }
  socket_ = socket;
  loop_.ring().connect(connect_op_, socket_, server_.address);
  loop_.timers().set(timer_, started_at_ + timeout_us());
}

void ServerCheck::connected(io::Op& op, io::Completion& completion) {
  auto& self = op.as<ServerCheck>();
  if (self.phase_ == Phase::connecting) {
    self.conclude(completion.result < 0 ? -completion.result : 0);
  } else {
    self.finish();
  }
}

void ServerCheck::conclude(int error_number) {
  if (const std::optional<check::CheckStatus> status = check_status_of_connect(error_number)) {
    judge(*status, error_number);
  } else {
    ++checks_skipped_;
  }
  close();
}

void ServerCheck::judge(check::CheckStatus status, int error_number) {
  const base::TimeUs now = loop_.ring().now();
  // A time-out is said by its status already.
  last_error_ = status == check::CheckStatus::l4_timeout ? 0 : error_number;
  const check::Transition transition =
      history_.record({.status = status, .duration_us = now - started_at_, .ended_at = now});
  if (transition != check::Transition::none) owner_.changed(*this);
}

void ServerCheck::close() {
  phase_ = Phase::closing;
  loop_.timers().stop(timer_);
  if (socket_ != io::no_descriptor) io::socket_shutdown_both(socket_);
  if (connect_op_.in_flight) {
    loop_.ring().cancel(connect_op_);
  } else {
    finish();
  }
}

void ServerCheck::finish() {
  if (socket_ != io::no_descriptor) loop_.ring().close(std::exchange(socket_, io::no_descriptor));
  phase_ = Phase::planned;
  if (!owner_.stopping()) {
    // From start to start, so that a slow answer does not make the checks rarer.
    loop_.timers().set(timer_, std::max(started_at_ + history_.next_interval_us(), loop_.now()));
  }
  owner_.release_slot();
}

void ServerCheck::stop() {
  loop_.timers().stop(timer_);
  if (phase_ == Phase::queued) {
    unlink();
    phase_ = Phase::planned;
  } else if (phase_ == Phase::connecting) {
    close();
  }
}

base::TimeUs ServerCheck::timeout_us() const {
  const config::Timeouts& timeouts = backend_.timeouts;
  if (timeouts.check_ms != 0) return base::ms_to_us(timeouts.check_ms);
  const std::int64_t interval_ms = backend_.check.interval_ms;
  return base::ms_to_us(timeouts.connect_ms == 0 ? interval_ms : std::min(timeouts.connect_ms, interval_ms));
}

}  // namespace corelane::control
