// SPDX-License-Identifier: Apache-2.0
// TLS with the client: its handshake, and what its end means.
#include <algorithm>
#include <limits>

#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

namespace {
// So long the other end may take to read an alert or the end, before the connection is closed under it.
constexpr base::TimeUs parting_us = 1'000'000;
}  // namespace

// Behind the PROXY header, where one comes.
void Stream::expect_tls() {
  if (phase_ != Phase::inspecting || !frontend_config().bind[session_->bind].tls) return;
  phase_ = Phase::handshaking;
  if (phase_deadline_ == base::time_never)
    phase_deadline_ = lane_.deadline_in(frontend_config().timeouts.client_hs_ms);
  update_timer();
}

// False: there is no memory.
bool Stream::begin_tls() {
  const tls::ServerContext* context = lane_.tls->binds[session_->frontend][session_->bind].get();
  session_->tls = lane_.tls->transports.acquire(lane_, *session_);
  CORELANE_CHECK(session_->tls != nullptr && context != nullptr);  // the pool is as large as that of streams
  session_->tls->take_over(to_server_.queue);
  to_server_.starved = false;
  to_server_.splice_refused = to_client_.splice_refused = true;
  return session_->tls->open(*context);
}

Stream::Step Stream::await_handshake() {
  if (reason_ == logfmt::EndReason::tls_handshake_failed ||
      reason_ == logfmt::EndReason::tls_handshake_refused)
    return refuse_handshake();
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (session_->tls == nullptr) {
    // What brought the PROXY header may bring more.
    if (session_->receive.in_flight) {
      lane_.ring->cancel(session_->receive);
      return Step::wait;
    }
    if (!begin_tls()) return begin_close(logfmt::EndReason::internal_error);
  }
  switch (session_->tls->shake_hands()) {
    case TlsTransport::Handshake::done:
      break;
    case TlsTransport::Handshake::failed:
      if (!session_->tls->has_failed()) return begin_close(logfmt::EndReason::tls_handshake_incomplete);
      reason_ = session_->tls->connection().error() == tls::Error::peer_alert
                    ? logfmt::EndReason::tls_handshake_refused
                    : logfmt::EndReason::tls_handshake_failed;
      phase_deadline_ = lane_.now + parting_us;
      update_timer();
      return refuse_handshake();
    case TlsTransport::Handshake::going_on:
      return phase_deadline_ <= lane_.now ? begin_close(logfmt::EndReason::tls_handshake_timeout)
                                          : Step::wait;
  }
  session_->handshake_us = static_cast<std::uint32_t>(
      std::min<base::TimeUs>(lane_.now - session_->accepted_at, std::numeric_limits<std::uint32_t>::max()));
  session_->last_activity = lane_.now;
  phase_ = Phase::inspecting;
  phase_deadline_ = base::time_never;
  update_timer();
  return Step::next;
}

Stream::Step Stream::refuse_handshake() {
  const bool over = session_->tls->part() || phase_deadline_ <= lane_.now;
  return over ? begin_close(reason_) : Step::wait;
}

// Both directions have ended; with TLS the client is still told so.
bool Stream::closes_quietly() {
  if (session_->tls == nullptr || session_->tls->is_quiet()) return true;
  if (phase_deadline_ == base::time_never) {
    phase_deadline_ = lane_.now + parting_us;
    update_timer();
  }
  return phase_deadline_ <= lane_.now;
}

// A connection of TCP whose end anybody may have made: the server must not take it for the end of what the
// client said. Who has been told everything may go as it likes, and HTTP has ends of its own.
bool Stream::cut_short(const Peer& peer) const {
  if (peer.tls == nullptr || !peer.tls->is_truncated()) return false;
  return (!speaks_http_ || tunnel_) && !flow_to(peer).sink_ended;
}

logfmt::EndReason Stream::break_reason(const Peer& peer) const {
  if (peer.side == Side::server) return logfmt::EndReason::server_reset;
  if (peer.tls == nullptr) return logfmt::EndReason::client_reset;
  if (peer.tls->is_truncated()) return logfmt::EndReason::client_truncated;
  return peer.tls->has_failed() ? logfmt::EndReason::tls_error : logfmt::EndReason::client_reset;
}

}  // namespace corelane::proxy
