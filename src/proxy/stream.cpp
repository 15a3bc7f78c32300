// SPDX-License-Identifier: Apache-2.0
#include "proxy/stream.hpp"

#include <algorithm>

#include "proxy/http_exchange.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

// What an idle connection costs beside the kernel's share: half a kilobyte. A connection to a server is
// linked, and knows where it belongs, while no stream has it (32 bytes); a client's knows what its PROXY
// header said of it (40 bytes), which every request may be told of. Either may have TLS (16 bytes).
static_assert(sizeof(Stream) + sizeof(Session) + sizeof(ServerConnection) <= 520);

// The life of a connection. One row per phase, in the order of the enum.
const Stream::PhaseHandler Stream::phase_handlers[static_cast<std::size_t>(Phase::count)] = {
    &Stream::await_proxy_header,  // reading_header
    &Stream::await_handshake,     // handshaking
    &Stream::inspect,             // inspecting
    &Stream::await_request,       // reading_request
    &Stream::choose_server,       // choosing
    &Stream::await_server,        // queueing
    &Stream::open_connection,     // opening
    &Stream::await_connection,    // connecting
    &Stream::abandon_connection,  // abandoning
    &Stream::send_proxy_header,   // sending_header
    &Stream::await_security,      // securing
    &Stream::await_retry,         // waiting_retry
    &Stream::forward,             // forwarding
    &Stream::exchange,            // exchanging
    &Stream::reply,               // replying
    &Stream::release_server,      // releasing
    &Stream::linger,              // lingering
    &Stream::close_when_idle,     // closing
};

Stream::Stream(LaneState& lane, const AcceptedClient& client)
    : lane_(lane),
      session_(lane.sessions.acquire(*this, Side::client, client.socket)),
      backend_(lane.model().frontends[client.frontend].default_backend) {
  CORELANE_CHECK(session_ != nullptr);
  timer_.owner = this;
  timer_.handler = &Stream::on_timer;
  // Another lane may have accepted it after this one began its turn.
  session_->accepted_at = std::min(client.accepted_at, lane.now);
  session_->last_activity = lane.now;
  session_->frontend = client.frontend;
  session_->bind = client.bind;
  session_->endpoint = io::socket_peer(client.socket);
  speaks_http_ = frontend_config().mode == config::Mode::http;
  forget_session_variables(lane, *this);
  forget_stream_variables(lane, *this);
}

void Stream::enter_backend(std::uint32_t backend) {
  backend_ = backend;
  in_backend_ = true;
  stats::BackendCounters& counters = lane_.counters.backend(backend_);
  counters.connections_total.add();
  counters.connections_current.add();
  counters.bytes_in.add(to_server_.bytes);  // that it was chosen by
  lane_.counters.backend_rate(backend_).add(lane_.now);
}

bool Stream::start(LaneState& lane, const AcceptedClient& client) {
  Stream* stream = lane.streams.acquire(lane, client);
  if (stream == nullptr) return false;
  lane.streams_active.push_back(*stream);
  if (lane.handover) lane.handover->began();
  if (lane.tls != nullptr) StreamTls::forget_fault(*stream);
  const std::uint32_t frontend = client.frontend;
  lane.stream_slots.add(lane.streams.slot(stream));
  lane.lane_counters().connections_total.add();
  lane.lane_counters().connections_current.add();
  lane.counters.frontend(frontend).connections_total.add();
  lane.counters.frontend(frontend).connections_current.add();
  lane.counters.bind(frontend, client.bind).connections_current.add();
  lane.counters.frontend_rates(frontend).sessions.add(lane.now);
  if (lane.stopping) {
    stream->end(logfmt::EndReason::process_stopping);
  } else if (!stream->passes(rules::RuleList::tcp_request_connection)) {
    stream->end(logfmt::EndReason::connection_denied);
  } else {
    stream->expect_proxy_header();
    StreamTls::expect(*stream);
    stream->advance();
  }
  return true;
}

const config::Frontend& Stream::frontend_config() const {
  return lane_.model().frontends[session_->frontend];
}
const config::Backend& Stream::backend_config() const {
  return lane_.model().backends[backend_];
}

namespace {

template <class Object>
void prefetch(const Object* object) {
  constexpr std::size_t line_bytes = 64;
  for (std::size_t at = 0; at < sizeof(Object); at += line_bytes)
    __builtin_prefetch(reinterpret_cast<const char*>(object) + at, 1);
}

}  // namespace

void Stream::fetch_ahead(const io::Op& op, bool near) {
  const Stream* stream = op.as<Peer>().stream;
  if (stream == nullptr) return;
  if (!near) {
    prefetch(stream);
  } else if (stream->http_ != nullptr) {
    prefetch(stream->http_);
  }
}

void Stream::advance() {
  Step step = Step::next;
  while (step == Step::next) {
    // Two statements: g++ 12 with -fsanitize=undefined miscompiles the call through the indexed table.
    const PhaseHandler handler = phase_handlers[static_cast<std::size_t>(phase_)];
    step = (this->*handler)();
  }
  if (step == Step::finished) release();
}

void Stream::end(logfmt::EndReason reason) {
  if (phase_ == Phase::closing) return;
  begin_close(reason);
  advance();
}

Stream::Step Stream::choose_server() {
  ServerChoice& choice = lane_.choices[backend_];
  const std::uint32_t wanted = wanted_server();
  if (wanted != config::no_index) {
    if (choice.take_place(wanted)) return use_server(wanted);
    // A full one that gets no others has no queue that moves.
    if (choice.usable(wanted)) return join_queue(wanted);
  }
  const auto key = speaks_http_ ? http_->key() : choice.key_of({.client = &session_->endpoint});
  const std::uint32_t chosen = choice.choose(key, failed_server_);
  if (chosen != balance::no_server) return use_server(chosen);
  if (choice.all_full()) return join_queue(choice.wanted());
  return fail(logfmt::EndReason::no_server_available);
}

// A place of this server is counted as ours already.
Stream::Step Stream::use_server(std::uint32_t server) {
  server_counted_ = true;
  // What came with the PROXY header counts for its first server.
  if (server_index_ == config::no_index)
    lane_.counters.server(backend_, server).bytes_in.add(to_server_.bytes);
  server_index_ = server;
  phase_deadline_ = base::time_never;
  if (chosen_at_ < 0) chosen_at_ = lane_.now;
  lane_.counters.server_rate(backend_, server).add(lane_.now);
  if (failed_server_ != config::no_index && failed_server_ != server) {
    redispatched_ = true;
    lane_.counters.server(backend_, failed_server_).redispatches.add();
    lane_.counters.backend(backend_).redispatches.add();
  }
  phase_ = Phase::opening;
  return Step::next;
}

// --- Time-outs ---------------------------------------------------------------------------------------------

// 0: none, so that those of both sides count.
std::int64_t Stream::tunnel_timeout_ms() const {
  if (!tunnel_) return 0;
  if (http_ != nullptr && http_->effects().timeouts.tunnel_ms >= 0)
    return http_->effects().timeouts.tunnel_ms;
  const std::int64_t of_backend_ms = backend_config().timeouts.tunnel_ms;
  return of_backend_ms != 0 ? of_backend_ms : frontend_config().timeouts.tunnel_ms;
}

// One of the two directions between us and this side has ended, or would have but for ClosePolicy.
bool Stream::half_closed(const Peer& peer) const {
  const Flow& to = flow_to(peer);
  return flow_from(peer).source_ended || to.sink_ended || (to.source_ended && to.drained());
}

// A side is waited for while we read from it, or while something waits to be sent to it. Its time runs from
// its last sign of life, or from when we began again to wait for it (await_source, await_sink): who may not
// speak is not blamed for his silence. Once either of its directions has ended its `fin` time-out counts, if
// there is one.
base::TimeUs Stream::deadline(const Peer& peer) const {
  const Flow& from = flow_from(peer);
  const Flow& to = flow_to(peer);
  if ((from.source_ended && to.drained()) || broken_peer() == &peer) return base::time_never;
  const config::Timeouts& frontend = frontend_config().timeouts;
  const config::Timeouts& backend = backend_config().timeouts;
  const bool client = peer.side == Side::client;
  std::int64_t timeout_ms = client ? frontend.client_ms : backend.server_ms;
  const std::int64_t fin_ms = client ? frontend.client_fin_ms : backend.server_fin_ms;
  if (const std::int64_t of_tunnel_ms = tunnel_timeout_ms(); of_tunnel_ms != 0) timeout_ms = of_tunnel_ms;
  if (half_closed(peer) && fin_ms != 0) timeout_ms = fin_ms;
  if (timeout_ms == 0) return base::time_never;
  const bool read_from = peer.receive.in_flight || peer.read_until_now(lane_.now);
  const bool waited_for = read_from || !to.drained() || broken_peer() != nullptr;
  return (waited_for ? peer.last_activity : lane_.now) + base::ms_to_us(timeout_ms);
}

bool Stream::deadline_passed(const Peer& peer) const {
  return deadline(peer) <= lane_.now;
}

base::TimeUs Stream::expiry() const {
  if (phase_ == Phase::forwarding)
    return std::min({phase_deadline_, deadline(*session_), deadline(*server_), response_deadline()});
  if (phase_ == Phase::exchanging || phase_ == Phase::replying)
    return std::min({phase_deadline_, http_->deadline(), http_->wait_until()});
  if (phase_ == Phase::reading_request && http_ != nullptr)
    return std::min(phase_deadline_, http_->wait_until());
  return phase_deadline_;
}

// Activity only moves deadlines away, so the timer is left alone then: when it strikes early it is set again.
// It is moved where a deadline comes nearer: a new phase, a half-close. With HTTP, whose phases are short, it
// is never moved away.
void Stream::update_timer() {
  const base::TimeUs expires = expiry();
  if (speaks_http_ && timer_.linked() && timer_.expiry <= expires) return;
  lane_.wheel->set(timer_, expires);
}

void Stream::on_timer(base::Timer& timer) {
  auto& stream = *static_cast<Stream*>(timer.owner);
  if (stream.phase_ != Phase::forwarding) {
    stream.expiry() <= stream.lane_.now ? stream.advance() : stream.update_timer();
  } else if (stream.tunnel_timeout_ms() != 0 &&
             (stream.deadline_passed(*stream.session_) || stream.deadline_passed(*stream.server_))) {
    stream.end(logfmt::EndReason::tunnel_timeout);
  } else if (stream.deadline_passed(*stream.session_)) {
    stream.end(stream.half_closed(*stream.session_) ? logfmt::EndReason::client_fin_timeout
                                                    : logfmt::EndReason::client_timeout);
  } else if (stream.deadline_passed(*stream.server_)) {
    stream.end(stream.half_closed(*stream.server_) ? logfmt::EndReason::server_fin_timeout
                                                   : logfmt::EndReason::server_timeout);
  } else if (std::min(stream.phase_deadline_, stream.response_deadline()) <= stream.lane_.now) {
    stream.advance();
  } else {
    stream.update_timer();
  }
}

}  // namespace corelane::proxy
