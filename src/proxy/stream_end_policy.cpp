// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

namespace {
// How often a connection that waits to be reset asks whether everything was acknowledged: a few round trips
// of a local network.
constexpr base::TimeUs acknowledged_pause_us = 5'000;
}  // namespace

// The client has ended its half and the server took everything from us: whether the server's end is kept back
// for now (config::ClosePolicy). Who closes first keeps TIME_WAIT, so the backend may want that to be the
// server. Asked again whenever something happens, and when phase_deadline_ passes.
bool Stream::keeps_end_back(const Peer& sink) {
  const config::Close& close = backend_config().close;
  if (close.policy == config::ClosePolicy::fin) return false;
  if (sink.side == Side::client || to_client_.source_ended || broken_peer() != nullptr) return false;
  base::TimeUs pause_us = base::ms_to_us(close.wait_ms);
  if (close.policy == config::ClosePolicy::reset) {
    pause_us = acknowledged_pause_us;
    const bool all_answered = to_client_.drained() && !session_->send.in_flight;
    resets_server_ = all_answered && io::socket_unacknowledged(server_->socket) == 0;
    if (resets_server_) return false;
  } else if (phase_deadline_ <= lane_.now) {
    phase_deadline_ = base::time_never;
    return false;
  }
  if (phase_deadline_ == base::time_never || phase_deadline_ <= lane_.now) {
    phase_deadline_ = lane_.now + pause_us;
    update_timer();
  }
  return true;
}

}  // namespace corelane::proxy
