// SPDX-License-Identifier: Apache-2.0
// A connection that carries HTTP: from one exchange to the next.
#include <algorithm>
#include <limits>
#include <utility>

#include "proxy/http_exchange.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/peer_io.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

namespace {

// Who has been told everything may still be sending: closing at once would reset the connection under the
// answer (RFC 9112, 9.6). What comes within this time is dropped.
constexpr base::TimeUs linger_us = 2'000'000;

std::int64_t request_timeout_ms(const config::Timeouts& timeouts) {
  return timeouts.http_request_ms != 0 ? timeouts.http_request_ms : timeouts.client_ms;
}

}  // namespace

// The clock of the first request runs from the accept, that of a later one from its first byte.
void Stream::expect_request() {
  const config::Timeouts& timeouts = frontend_config().timeouts;
  std::int64_t timeout_ms = request_timeout_ms(timeouts);
  if (exchanges_ != 0 && timeouts.http_keep_alive_ms != 0) timeout_ms = timeouts.http_keep_alive_ms;
  phase_ = Phase::reading_request;
  count_idle(exchanges_ != 0);
  phase_deadline_ = lane_.deadline_in(timeout_ms);
  update_timer();
}

Stream::Step Stream::await_request() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  // A connection that was kept for this client: whatever its server says now, it is of no use any more.
  if (server_ != nullptr && (to_client_.source_ended || !to_client_.queue.empty()))
    return give_up_server(Phase::reading_request);
  const bool late = phase_deadline_ <= lane_.now;
  const bool ended = to_server_.source_ended;
  if (http_ == nullptr && (!to_server_.queue.empty() || (exchanges_ == 0 && (late || ended))))
    begin_exchange();
  if (http_ != nullptr) return http_->read_request();
  if (late || ended || lane_.draining) {
    if (session_->tls == nullptr) return begin_close(logfmt::EndReason::completed);
    phase_ = Phase::lingering;  // without close_notify the client might take what it had for cut
    return Step::next;
  }
  arm_receive(to_server_, *session_);
  return Step::wait;
}

void Stream::count_idle(bool idle) {
  if (counted_idle_ == idle) return;
  counted_idle_ = idle;
  stats::Counter& counter = lane_.counters.frontend(session_->frontend).connections_idle;
  idle ? counter.add() : counter.subtract();
}

void Stream::begin_exchange() {
  count_idle(false);
  if (exchanges_ != 0) {
    phase_deadline_ = lane_.deadline_in(request_timeout_ms(frontend_config().timeouts));
  }
  if (exchanges_ < std::numeric_limits<std::uint16_t>::max()) ++exchanges_;
  forget_stream_variables(lane_, *this);
  if (lane_.tls != nullptr) StreamTls::forget_fault(*this);
  http_ = lane_.http->exchanges.acquire(*this);
  CORELANE_CHECK(http_ != nullptr);              // the pool is as large as that of the streams
  backend_ = frontend_config().default_backend;  // until its head has been read
}

void Stream::drain() {
  if (phase_ == Phase::reading_request && http_ == nullptr) advance();
}

Stream::Step Stream::exchange() {
  return http_->exchange();
}
Stream::Step Stream::reply() {
  return http_->reply();
}

bool Stream::client_left() {
  return speaks_http_ ? http_->client_left() : to_server_.source_ended && to_server_.drained();
}

Stream::Step Stream::fail(logfmt::EndReason reason) {
  return speaks_http_ ? http_->fail(reason) : begin_close(reason);
}

// --- The server's connection -------------------------------------------------------------------------------

// False: a new one has to be made.
bool Stream::take_idle_connection() {
  if (server_ != nullptr) {
    const Server& chosen = lane_.choices[backend_].backend().servers[server_index_];
    return server_->address == &chosen.address() && !http_->wants_fresh_connection() &&
           http_->is_from_client(*server_, chosen) && StreamTls::asks_for_same(*this, *server_);
  }
  const config::HttpReuse reuse = backend_config().http.http_reuse;
  if (reuse == config::HttpReuse::never || http_->wants_fresh_connection()) return false;
  if (reuse == config::HttpReuse::safe && exchanges_ == 1) return false;
  const bool proven = reuse == config::HttpReuse::aggressive && exchanges_ == 1;
  using Wanted = IdleConnections::Wanted;
  server_ = lane_.idle_connections.take(backend_, server_index_, proven ? Wanted::proven : Wanted::any,
                                        StreamTls::name_wanted(*this));
  if (server_ == nullptr) return false;
  server_->stream = this;
  if (server_->receive.in_flight) server_->receive.handler = &Stream::on_receive;
  return true;
}

// An exchange is over and its server's connection is fit for another: whether it was kept for one.
bool Stream::park_server_connection() {
  if (server_ == nullptr || server_->ops_in_flight > (server_->receive.in_flight ? 1 : 0)) return false;
  if (server_->tls != nullptr && !server_->tls->is_quiet()) return false;
  to_client_.source_ended = false;
  // Nobody else's requests may go here, or nobody else's shall.
  if (server_->private_to_session || backend_config().http.http_reuse == config::HttpReuse::never) {
    ++server_->exchanges;
    arm_receive(to_client_, *server_);
    return true;
  }
  if (!lane_.idle_connections.put(*server_, backend_, server_index_)) return false;
  server_ = nullptr;
  return true;
}

Stream::Step Stream::give_up_server(Phase then) {
  phase_next_ = then;
  phase_ = Phase::releasing;
  if (server_ != nullptr) {
    const bool said_all = http_ == nullptr || !http_->request_cut_short();
    if (server_->tls != nullptr && said_all) server_->tls->take_leave();
    peer_cancel(lane_, *server_);
  }
  return Step::next;
}

Stream::Step Stream::release_server() {
  if (server_ != nullptr && !peer_at_rest(*server_)) return Step::wait;
  if (server_ != nullptr && http_ != nullptr && http_->request_cut_short())
    (void)io::socket_reset_on_close(server_->socket);
  close_server_socket();
  if (phase_next_ != Phase::opening) give_back_place();
  server_broke_ = server_refuses_ = false;
  to_client_.queue.clear(lane_.ring->buffers());
  to_client_.source_ended = false;
  phase_ = phase_next_;
  if (phase_ == Phase::reading_request && http_ == nullptr) expect_request();
  return Step::next;
}

// --- After an exchange -------------------------------------------------------------------------------------

// The exchange was logged. `then` is reading_request, lingering or closing; the server's connection is kept
// if it is still there and can be.
Stream::Step Stream::end_exchange(Phase then) {
  const bool keeps_server = http_->server_connection_reusable();
  give_back_place();
  leave_exchange();
  for (Flow* flow : {&to_server_, &to_client_}) {
    if (flow->loan != nullptr) leave_splice(*flow);
    flow->bytes = 0;
    flow->full_run = 0;
  }
  chosen_at_ = established_at_ = -1;
  failed_server_ = config::no_index;
  retries_ = 0;
  error_number_ = connect_result_ = 0;
  queue_position_ = 0;
  redispatched_ = queued_for_server_ = false;
  const bool kept = server_ == nullptr || (keeps_server && park_server_connection());
  server_index_ = config::no_index;
  if (!kept) return give_up_server(then);
  if (then == Phase::reading_request) {
    expect_request();
  } else {
    phase_ = then;
  }
  return Step::next;
}

// The connection closes while an exchange is in progress. A server that has only a part of the request must
// not take it for the whole, nor the client a part of a response that ends with its connection.
void Stream::end_under_exchange() {
  if (http_ == nullptr) return;
  if (server_ != nullptr && http_->request_cut_short()) (void)io::socket_reset_on_close(server_->socket);
  if (http_->response_cut_short()) (void)io::socket_reset_on_close(session_->socket);
  http_->log_end(reason_, end_phase_);
  leave_exchange();
}

void Stream::leave_exchange() {
  if (in_backend_) lane_.counters.backend(backend_).connections_current.subtract();
  in_backend_ = false;
  if (established_at_ >= 0) lane_.counters.server(backend_, server_index_).connections_current.subtract();
  lane_.http->exchanges.release(std::exchange(http_, nullptr));
}

// What flows from now on has no heads: from here on it is a TCP connection.
void Stream::become_tunnel() {
  phase_ = Phase::forwarding;
  tunnel_ = true;
  phase_deadline_ = base::time_never;
  // From here on they count what the exchange does not: what is there already is the tunnel's.
  for (Flow* flow : {&to_server_, &to_client_}) flow->bytes = flow->queue.bytes(lane_.ring->buffers());
  session_->last_activity = server_->last_activity = lane_.now;
  update_timer();
}

Stream::Step Stream::linger() {
  to_server_.queue.clear(lane_.ring->buffers());
  if (!to_server_.sink_ended) {
    to_server_.sink_ended = true;
    peer_end(lane_, *session_);
    phase_deadline_ = lane_.now + linger_us;
    update_timer();
  }
  const bool said = session_->tls == nullptr || session_->tls->is_quiet();
  if (broken_peer() != nullptr || (to_server_.source_ended && said) || phase_deadline_ <= lane_.now)
    return begin_close(logfmt::EndReason::completed);
  arm_receive(to_server_, *session_);
  return Step::wait;
}

}  // namespace corelane::proxy
