// SPDX-License-Identifier: Apache-2.0
#include "proxy/listener.hpp"

#include <algorithm>
#include <cerrno>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

// A multishot accept takes the whole backlog at once, and the system bounds a backlog to somaxconn (4096 by
// default): with this much room no burst passes the limit.
constexpr std::int64_t multishot_headroom_min = 4096;
constexpr base::TimeUs resume_after_us = 50'000;
constexpr base::TimeUs ask_again_for_permits_us = 25'000;
// A client that was seen in the backlog and is not there after this long went away, or to another lane.
constexpr base::TimeUs permit_hold_us = 2'000;

bool descriptors_short(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// The connection went away before it was accepted, or the network failed it: the next one may be fine.
bool concerns_one_connection(int error) {
  return error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == EHOSTDOWN ||
         error == ENONET || error == EHOSTUNREACH || error == ENETUNREACH || error == EPERM ||
         error == EINTR || error == EAGAIN;
}

}  // namespace

Listener::Listener(LaneState& lane, std::uint32_t frontend, std::uint32_t bind, io::Descriptor socket)
    : lane_(lane), accept_(&Listener::on_accept, this), frontend_(frontend), bind_(bind), socket_(socket) {
  timer_.owner = this;
  timer_.handler = &Listener::on_timer;
}

Listener::~Listener() {
  CORELANE_CHECK(finished());
}

std::int64_t Listener::headroom() const {
  std::int64_t room = lane_.process_budget.headroom();
  if (const auto& budget = lane_.frontend_budgets[frontend_]) room = std::min(room, budget->headroom());
  return room;
}

void Listener::advance() {
  if (finished()) return;
  if (draining_) {
    if (ops_in_flight > 0) {
      lane_.ring->cancel(accept_);
    } else {
      lane_.wheel->stop(timer_);
      lane_.ring->close(socket_);
      socket_ = io::no_descriptor;
    }
    return;
  }
  const bool roomy = headroom() >= multishot_headroom_min;
  if (ops_in_flight > 0) {
    if (multishot_ && !roomy) lane_.ring->cancel(accept_);
    return;
  }
  if (!paused_) submit(roomy);
}

void Listener::submit(bool roomy) {
  multishot_ = roomy;
  if (!roomy && !client_waits_) {
    accept_.handler = &Listener::on_client_waits;
    lane_.ring->poll(accept_, socket_, io::Readiness::readable);
    return;
  }
  accept_.handler = &Listener::on_accept;
  if (!roomy) {
    if (!take_permits()) {
      if (!short_of_permits_) lane_.lane_counters().accept_paused_limit.add();
      set_short_of_permits(true);
      pause(ask_again_for_permits_us);
      return;
    }
    set_short_of_permits(false);
    client_waits_ = false;
    lane_.wheel->set(timer_, lane_.now + permit_hold_us);
  }
  lane_.ring->accept(accept_, socket_, multishot_);
}

void Listener::resume() {
  if (!paused_) return;
  paused_ = false;
  lane_.wheel->stop(timer_);
  advance();
}

void Listener::hold() {
  if (finished() || draining_ || paused_) return;
  // One that waits for a client to be there may go on waiting. One with permits gives them back: the timer
  // that would see to it is now the pause's.
  if (multishot_ || permits_held_) lane_.ring->cancel(accept_);
  pause(resume_after_us);
}

void Listener::drain() {
  draining_ = true;
  set_short_of_permits(false);
  advance();
}

bool Listener::take_permits() {
  permits_held_ = lane_.acquire_permits(frontend_);
  return permits_held_;
}

void Listener::return_permits() {
  if (!permits_held_) return;
  permits_held_ = false;
  lane_.release_permits(frontend_);
}

// Permits come back with the lane's own connections (resume_listeners); the timer is for those of other
// lanes, and for descriptors that anybody may have freed.
void Listener::pause(base::TimeUs pause_us) {
  paused_ = true;
  lane_.wheel->set(timer_, lane_.now + pause_us);
}

void Listener::set_short_of_permits(bool is_short) {
  if (short_of_permits_ == is_short) return;
  short_of_permits_ = is_short;
  const std::uint32_t change = is_short ? 1 : UINT32_MAX;
  lane_.listeners_short_of_permits += change;
  lane_.shared.listeners_short_of_permits.fetch_add(change, std::memory_order_relaxed);
}

void Listener::on_timer(base::Timer& timer) {
  auto& listener = *static_cast<Listener*>(timer.owner);
  if (listener.permits_held_) listener.lane_.ring->cancel(listener.accept_);
  listener.resume();
}

void Listener::on_client_waits(io::Op& op, io::Completion& completion) {
  auto& listener = op.as<Listener>();
  listener.client_waits_ = completion.result >= 0;
  listener.advance();
}

void Listener::on_accept(io::Op& op, io::Completion& completion) {
  auto& listener = op.as<Listener>();
  if (completion.result >= 0) {
    listener.accepted(completion.result);
  } else if (completion.result != -ECANCELED) {
    listener.failed(-completion.result);
  }
  if (!completion.more) {
    if (!listener.paused_) listener.lane_.wheel->stop(listener.timer_);
    listener.return_permits();
    listener.advance();
  } else if (listener.headroom() < multishot_headroom_min) {
    listener.advance();
  }
}

void Listener::accepted(io::Descriptor client) {
  if (permits_held_) {
    permits_held_ = false;
  } else {
    lane_.acquire_permits_beyond_limit(frontend_);
  }
  const AcceptedClient accepted{
      .socket = client, .frontend = frontend_, .bind = bind_, .accepted_at = lane_.now};
  if (!lane_.handover || !lane_.handover->give(accepted)) lane_.serve(accepted);
}

void Listener::failed(int error) {
  if (concerns_one_connection(error)) {
    lane_.lane_counters().accept_errors.add();
    return;
  }
  if (descriptors_short(error)) {
    lane_.lane_counters().accept_paused_descriptors.add();
    lane_.idle_connections.free_descriptors();
  } else {
    lane_.lane_counters().accept_errors.add();
  }
  pause(resume_after_us);
}

}  // namespace corelane::proxy
