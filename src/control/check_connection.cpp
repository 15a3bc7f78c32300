// SPDX-License-Identifier: Apache-2.0
#include "control/check_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <span>
#include <utility>

#include "control/check_place.hpp"
#include "control/check_report.hpp"
#include "proxy/send_proxy.hpp"
#include "tls/context.hpp"

namespace corelane::control {
namespace {

constexpr std::uint32_t receive_bytes_cap = 4096;

}  // namespace

CheckConnection::CheckConnection(Loop& loop, ProbeSockets& probes)
    : loop_(loop),
      probes_(probes),
      connect_op_(&CheckConnection::connected, this),
      send_op_(&CheckConnection::sent, this),
      receive_op_(&CheckConnection::received, this) {
  timer_.owner = this;
  timer_.handler = &CheckConnection::timer_due;
}

void CheckConnection::start(Owner& owner, const CheckTarget& target, const check::Plan& plan,
                            base::TimeUs timeout_us) {
  CORELANE_CHECK(idle());
  owner_ = &owner;
  target_ = &target;
  plan_ = &plan;
  run_.emplace(plan);
  started_at_ = loop_.ring().now();
  loop_.timers().set(timer_, started_at_ + timeout_us);
  open(plan.first_connection());
}

void CheckConnection::open(check::ConnectOptions options) {
  phase_ = Phase::connecting;
  linger_ = options.linger.value_or(plan_->type().linger);
  stream_ended_ = false;
  step_ = {};
  says_farewell_ = false;
  // As HAProxy: what listens on a port of its own is not what clients are sent to.
  header_wanted_ = options.port == 0 && target_->send_proxy != nullptr;
  tls_wanted_ = options.tls.value_or(options.port == 0 && target_->tls.place != nullptr);
  address_ = &target_->address;
  if (options.port != 0) {
    other_address_ = address_with_port(target_->address, options.port);
    address_ = &other_address_;
  }
  from_probes_ = only_probes() && !linger_ && target_->way == nullptr;
  // No keep-alive: the connection ends soon.
  const io::Descriptor socket =
      from_probes_ ? probes_.take(address_->family()) : io::socket_open_stream(address_->family(), {});
  if (socket < 0) {
    connect_ended(-socket);
    return;
  }
  socket_ = socket;
  if (const int error = take_way()) {
    connect_ended(error);
    return;
  }
  // Cheaper for both sides, and no server has to accept what says nothing.
  if (only_probes()) io::socket_delay_handshake_ack(socket_);
  loop_.ring().connect(connect_op_, socket_, *address_);
}

/// Nothing is said on the present connection, and it ends with a reset.
bool CheckConnection::only_probes() const noexcept {
  return plan_->connects_only() && !header_wanted_ && !tls_wanted_ &&
         address_->family() != base::Family::unix_socket;
}

int CheckConnection::take_way() {
  const base::Family family = address_->family();
  if (target_->way == nullptr || family == base::Family::unix_socket) return 0;
  const CheckWay& way = *target_->way;
  if (way.options.any()) {
    if (const int error = io::socket_set_options(socket_, family, way.options).error_number) return error;
  }
  if (way.source.size() == 0 || way.source.family() != family) return 0;
  return -io::socket_bind_source(socket_, way.source);
}

void CheckConnection::connected(io::Op& op, io::Completion& completion) {
  auto& self = op.as<CheckConnection>();
  if (self.phase_ == Phase::connecting) {
    self.connect_ended(completion.result < 0 ? -completion.result : 0);
  } else {
    self.advance();
  }
}

void CheckConnection::connect_ended(int error_number) {
  if (error_number == 0) {
    if (header_wanted_)
      said_ =
          proxy::own_proxy_header(*target_->send_proxy, io::socket_local(socket_), io::socket_peer(socket_));
    tls_wanted_ ? begin_tls() : begin_talk();
  } else if (const std::optional<check::CheckStatus> status = check_status_of_connect(error_number)) {
    // A time-out is said by its status already.
    const bool timed_out = *status == check::CheckStatus::l4_timeout;
    judge(run_->failed(*status, timed_out ? std::string() : check_error_text(error_number)));
  } else {
    judge(std::nullopt);
  }
  advance();
}

void CheckConnection::begin_tls() {
  phase_ = Phase::shaking_hands;
  tls::set_time(std::time(nullptr));
  if (!tls_.open(target_->tls, loop_.ring().now(), said_)) tls_failed(tls_.failure());
}

void CheckConnection::begin_talk() {
  phase_ = Phase::talking;
  take(run_->connected(address_->endpoint()));
}

void CheckConnection::hear(std::span<std::byte> bytes) {
  if (tls_wanted_) return hear_over_tls(bytes);
  take(run_->received({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

void CheckConnection::hear_over_tls(std::span<std::byte> bytes) {
  plain_.clear();
  const CheckTls::State state = tls_.take(bytes, loop_.ring().now(), plain_, said_);
  if (phase_ == Phase::shaking_hands && state != CheckTls::State::shaking_hands &&
      state != CheckTls::State::failed)
    begin_talk();
  if (phase_ == Phase::talking && !plain_.empty() && waits_for_server()) take(run_->received(plain_));
  if (state == CheckTls::State::failed) return tls_failed(tls_.failure());
  if (state == CheckTls::State::ended) hear_end(0);
}

void CheckConnection::hear_end(int error_number) {
  stream_ended_ = true;
  if (phase_ == Phase::shaking_hands)
    return tls_failed(error_number == 0 ? "connection closed by the server" : check_error_text(error_number));
  if (phase_ != Phase::talking || !waits_for_server()) return;
  take(error_number == 0 ? run_->ended() : run_->ended(check_error_text(error_number)));
}

void CheckConnection::tls_failed(std::string_view why) {
  if (phase_ == Phase::shaking_hands || phase_ == Phase::talking)
    judge(run_->failed(check::CheckStatus::l6_response, fmt::format("TLS: {}", why)));
}

void CheckConnection::take(check::Step step) {
  if (!tls_wanted_) {
    said_ += step.send;
  } else if (!step.send.empty() && !tls_.say(step.send, loop_.ring().now(), said_)) {
    return tls_failed(tls_.failure());
  }
  step_ = std::move(step);
  says_farewell_ = step_.kind == check::Step::Kind::done && !step_.send.empty();
  if (step_.kind == check::Step::Kind::done) judge(std::move(step_.verdict));
}

void CheckConnection::judge(std::optional<check::Verdict> verdict) {
  const base::TimeUs now = loop_.ring().now();
  // Where the handshake was all that was asked for, it is what the server passed.
  if (verdict && tls_wanted_ && verdict->status == check::CheckStatus::l4_ok)
    verdict->status = check::CheckStatus::l6_ok;
  const bool stays = has_unsent() || (step_.awaits_end && !stream_ended_);
  const bool heard = phase_ == Phase::talking || phase_ == Phase::shaking_hands;
  const bool takes_leave = heard && stays && verdict;
  phase_ = takes_leave ? Phase::leaving : Phase::closing;
  if (takes_leave) {
    linger_ = true;  // a reset would overtake it
    loop_.timers().set(timer_, now + farewell_timeout_us);
  }
  owner_->check_judged({.verdict = std::move(verdict), .duration_us = now - started_at_});
}

void CheckConnection::sent(io::Op& op, io::Completion& completion) {
  auto& self = op.as<CheckConnection>();
  if (completion.result > 0) {
    self.output_sent_ =
        std::min(self.output_.size(), self.output_sent_ + static_cast<std::size_t>(completion.result));
  } else {
    // What the server said before it broke the connection may still come.
    self.keep_unsaid();
  }
  self.advance();
}

void CheckConnection::received(io::Op& op, io::Completion& completion) {
  auto& self = op.as<CheckConnection>();
  const int result = completion.result;
  if (result > 0) {
    if (self.phase_ == Phase::shaking_hands || (self.phase_ == Phase::talking && self.waits_for_server()))
      self.hear(completion.lease.bytes());
  } else if (result != -ENOBUFS) {
    // A buffer is there again by the next turn, since leases are dropped at once here; all else is the end.
    self.hear_end(-result);
  }
  self.advance();
}

void CheckConnection::timer_due(base::Timer& timer) {
  auto& self = *static_cast<CheckConnection*>(timer.owner);
  if (self.phase_ == Phase::connecting) {
    self.connect_ended(ETIMEDOUT);
    return;
  }
  if (self.phase_ != Phase::leaving && self.phase_ != Phase::closing) {
    self.keep_unsaid();
    self.judge(self.phase_ == Phase::shaking_hands ? self.run_->failed(check::CheckStatus::l6_timeout, {})
                                                   : self.run_->timed_out());
  }
  self.phase_ = Phase::closing;
  self.advance();
}

void CheckConnection::keep_unsaid() noexcept {
  output_sent_ = output_.size();
  said_.clear();
}

bool CheckConnection::speaks() const noexcept {
  return phase_ == Phase::shaking_hands || phase_ == Phase::talking || phase_ == Phase::leaving;
}

void CheckConnection::advance() {
  if (speaks()) {
    if (send_op_.in_flight) return;
    if (output_sent_ == output_.size()) {
      output_.swap(said_);
      said_.clear();
      output_sent_ = 0;
    }
    if (!output_.empty()) {
      const std::string_view rest = std::string_view(output_).substr(output_sent_);
      loop_.ring().send(send_op_, socket_, std::as_bytes(std::span(rest)));
    } else {
      if (step_.kind == check::Step::Kind::connect) phase_ = Phase::reconnecting;
      // The PROXY header alone is nothing that a server answers.
      if (phase_ == Phase::leaving && !says_farewell_ && !step_.awaits_end) phase_ = Phase::closing;
    }
    if (phase_ == Phase::leaving && stream_ended_) phase_ = Phase::closing;
  }
  if (speaks()) {
    if (!receive_op_.in_flight && !stream_ended_)
      loop_.ring().receive(receive_op_, socket_, receive_bytes_cap);
    return;
  }
  if (phase_ == Phase::reconnecting || phase_ == Phase::closing) release_socket();
}

/// Both sockets of a script and the last one of every check go this way.
void CheckConnection::release_socket() {
  if (socket_ != io::no_descriptor) {
    if (ops_in_flight != 0) {
      for (io::Op* op : {&connect_op_, &send_op_, &receive_op_}) {
        if (op->in_flight) loop_.ring().cancel(*op);
      }
      return;
    }
    close_socket();
  }
  if (phase_ == Phase::reconnecting) {
    open(step_.connect);
  } else {
    finish();
  }
}

void CheckConnection::close_socket() {
  const io::Descriptor socket = std::exchange(socket_, io::no_descriptor);
  tls_.forget();
  if (from_probes_ && probes_.give_back(address_->family(), socket)) return;
  if (!linger_) io::socket_reset_on_close(socket);
  loop_.ring().close(socket);
}

void CheckConnection::finish() {
  loop_.timers().stop(timer_);
  keep_unsaid();
  run_.reset();
  phase_ = Phase::idle;
  owner_->check_closed();
}

void CheckConnection::cancel() {
  if (phase_ == Phase::idle) return;
  phase_ = Phase::closing;
  loop_.timers().stop(timer_);
  advance();
}

}  // namespace corelane::control
