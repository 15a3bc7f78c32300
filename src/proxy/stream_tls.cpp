// SPDX-License-Identifier: Apache-2.0
#include "proxy/stream_tls.hpp"

#include <algorithm>
#include <limits>

#include "proxy/end_counts.hpp"
#include "proxy/lane_state.hpp"
#include "tls/peer_facts.hpp"

namespace corelane::proxy {

namespace {
// So long the other end may take to read an alert or the end, before the connection is closed under it.
constexpr base::TimeUs parting_us = 1'000'000;

/// Who is refused may hold a place for that long while half of all are free; a flood of bad handshakes is so
/// kept from the other half.
bool has_room_to_part(const LaneState& lane, std::uint32_t frontend) {
  const auto& own = lane.frontend_budgets[frontend];
  const std::int64_t own_limit = lane.model().frontends[frontend].max_connections;
  return 2 * lane.process_budget.headroom() > lane.options.connections_max &&
         (!own || 2 * own->headroom() > own_limit);
}

void count_session(stats::TlsCounters& counters, const tls::Connection& connection) {
  if (connection.session_use() != tls::SessionUse::none) counters.session_lookups.add();
  if (connection.session_use() == tls::SessionUse::missed) counters.session_misses.add();
  if (connection.session_not_kept()) counters.sessions_not_kept.add();
}
}  // namespace

Stream::Step Stream::await_handshake() {
  return StreamTls::handshake(*this);
}

void StreamTls::expect(Stream& stream) {
  if (stream.phase_ != Stream::Phase::inspecting) return;
  if (!stream.frontend_config().bind[stream.session_->bind].tls) return;
  stream.phase_ = Stream::Phase::handshaking;
  if (stream.phase_deadline_ == base::time_never)
    stream.phase_deadline_ = stream.lane_.deadline_in(stream.frontend_config().timeouts.client_hs_ms);
  stream.update_timer();
}

// False: there is no memory.
bool StreamTls::begin(Stream& stream) {
  Session& session = *stream.session_;
  LaneTls& lane = *stream.lane_.tls;
  session.tls = lane.transports.acquire(stream.lane_, session);
  CORELANE_CHECK(session.tls != nullptr);  // the pool is as large as that of the streams
  session.tls->take_over(stream.to_server_.queue);
  stream.to_server_.starved = false;
  stream.to_server_.splice_refused = stream.to_client_.splice_refused = true;
  stream.lane_.counters.tls(session.frontend).handshakes_current.add();
  stream.lane_.renew_tls();
  return session.tls->open(*lane.binds[session.frontend][session.bind],
                           stream.lane_.shared.topology.keeps_hellos());
}

Stream::Step StreamTls::handshake(Stream& stream) {
  using logfmt::EndReason;
  Session& session = *stream.session_;
  if (stream.reason_ != EndReason::none && stream.broken_peer() == nullptr) return refuse(stream);
  if (stream.broken_peer() != nullptr) return stream.begin_close(stream.reason_);
  if (session.tls == nullptr) {
    // What brought the PROXY header may bring more.
    if (session.receive.in_flight) {
      stream.lane_.ring->cancel(session.receive);
      return Stream::Step::wait;
    }
    if (!begin(stream)) return stream.begin_close(EndReason::internal_error);
  }
  const base::TimeUs now = stream.lane_.now;
  switch (session.tls->shake_hands()) {
    case TlsTransport::Handshake::done:
      break;
    case TlsTransport::Handshake::failed:
      if (!session.tls->has_failed()) return stream.begin_close(EndReason::tls_handshake_incomplete);
      stream.reason_ = session.tls->connection().error() == tls::Error::peer_alert
                           ? EndReason::tls_handshake_refused
                           : EndReason::tls_handshake_failed;
      stream.phase_deadline_ = now + parting_us;
      stream.update_timer();
      return refuse(stream);
    case TlsTransport::Handshake::going_on:
      return stream.phase_deadline_ <= now ? stream.begin_close(EndReason::tls_handshake_timeout)
                                           : Stream::Step::wait;
  }
  count_handshake(stream);
  session.handshake_us = static_cast<std::uint32_t>(
      std::min<base::TimeUs>(now - session.accepted_at, std::numeric_limits<std::uint32_t>::max()));
  session.last_activity = now;
  stream.phase_ = Stream::Phase::inspecting;
  stream.phase_deadline_ = base::time_never;
  stream.update_timer();
  return Stream::Step::next;
}

void StreamTls::count_handshake(Stream& stream) {
  const Session& session = *stream.session_;
  stats::TlsCounters& counters = stream.lane_.counters.tls(session.frontend);
  counters.handshakes_current.subtract();
  counters.connections_current.add();
  (tls::is_resumed(session.tls->connection()) ? counters.handshakes_resumed : counters.handshakes_full).add();
  count_session(counters, session.tls->connection());
}

void StreamTls::count_end(const Stream& stream) {
  const Session& session = *stream.session_;
  if (session.tls == nullptr) return;
  stats::TlsCounters& counters = stream.lane_.counters.tls(session.frontend);
  if (session.tls->connection().is_ready()) return counters.connections_current.subtract();
  counters.handshakes_current.subtract();
  counters.handshakes_failed.add();
  count_tls_failure(counters, stream.reason_, session.tls->connection().error());
  count_session(counters, session.tls->connection());
}

// The alert is sent, and the client gets a moment to read it, where there is room.
Stream::Step StreamTls::refuse(Stream& stream) {
  const bool over = stream.session_->tls->part() || stream.phase_deadline_ <= stream.lane_.now ||
                    !has_room_to_part(stream.lane_, stream.session_->frontend);
  return over ? stream.begin_close(stream.reason_) : Stream::Step::wait;
}

bool StreamTls::relays(const Stream& stream) {
  if (ends_here(stream)) return false;
  return !stream.speaks_http_ || stream.phase_ == Stream::Phase::forwarding;
}

// With TLS either side is told of the end as long as it may not have read it.
bool StreamTls::closes_quietly(Stream& stream) {
  const auto quiet = [](const Peer& peer) { return peer.tls == nullptr || peer.tls->is_quiet(); };
  if (quiet(*stream.session_) && (stream.resets_server_ || quiet(*stream.server_))) return true;
  if (stream.phase_deadline_ == base::time_never) {
    stream.phase_deadline_ = stream.lane_.now + parting_us;
    stream.update_timer();
  }
  return stream.phase_deadline_ <= stream.lane_.now;
}

// Anybody on the way can end a TCP connection: the other side must not take that for the end of what was
// said. Who has been told everything may go as it likes; requests of HTTP have ends of their own, and so have
// responses, but for those that end with their connection.
bool StreamTls::cut_short(const Stream& stream, const Peer& peer) {
  if (peer.tls == nullptr || !peer.tls->is_truncated()) return false;
  if (!stream.speaks_http_ || stream.tunnel_) return !stream.flow_to(peer).sink_ended;
  return peer.side == Side::server && stream.http_ != nullptr;
}

logfmt::EndReason StreamTls::break_reason(const Peer& peer) {
  using logfmt::EndReason;
  const bool client = peer.side == Side::client;
  if (peer.tls != nullptr && peer.tls->is_truncated())
    return client ? EndReason::client_truncated : EndReason::server_truncated;
  if (peer.tls != nullptr && peer.tls->has_failed())
    return client ? EndReason::tls_error : EndReason::server_tls_error;
  return client ? EndReason::client_reset : EndReason::server_reset;
}

}  // namespace corelane::proxy
