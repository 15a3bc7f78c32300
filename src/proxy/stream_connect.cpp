// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>

#include "proxy/http_exchange.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/server_errors.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

namespace {

// HAProxy's turn-around: so long a failed server is left alone before the same connection tries it again.
constexpr std::int64_t retry_pause_ms = 1000;

logfmt::EndReason reason_of_connect_error(int error) {
  switch (error) {
    case ETIMEDOUT:
      return logfmt::EndReason::connect_timeout;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return logfmt::EndReason::source_ports_exhausted;
    case EMFILE:
    case ENFILE:
      return logfmt::EndReason::descriptors_exhausted;
    case StreamTls::error_failed:
    case StreamTls::error_hopeless:
      return logfmt::EndReason::server_tls_failed;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENODEV:  // the interface has gone
      return logfmt::EndReason::connect_unreachable;
    default:
      return logfmt::EndReason::connect_refused;
  }
}

io::KeepAlive keep_alive_of(const config::KeepAlive& configured) {
  const auto seconds = [](std::int64_t ms) { return static_cast<std::uint32_t>((ms + 999) / 1000); };
  return {.enabled = configured.enabled,
          .idle_s = seconds(configured.idle_ms),
          .interval_s = seconds(configured.interval_ms),
          .count = configured.count};
}

}  // namespace

Stream::Step Stream::open_connection() {
  if (speaks_http_) {
    if (take_idle_connection()) {
      http_->begin_sending();
      return Step::next;
    }
    if (server_ != nullptr) return give_up_server(Phase::opening);
  }
  const Server& server = lane_.choices[backend_].backend().servers[server_index_];
  const io::SocketAddress* address = server.to_destination ? client_destination(server) : &server.address();
  if (address == nullptr) return Step::next;  // it is closing
  const io::Descriptor socket =
      io::socket_open_stream(address->family(), keep_alive_of(backend_config().keep_alive));
  if (socket < 0) return connect_failed(-socket);
  server_ = lane_.server_connections.acquire(*this, Side::server, socket);
  CORELANE_CHECK(server_ != nullptr);  // the pool is as large as that of the streams
  server_->address = server.to_destination ? &server.address() : address;
  server_->private_to_session = !IdleConnections::shareable(server);
  if (source_tries_ == 0) lane_.counters.server(backend_, server_index_).connect_attempts.add();
  if (server.special) {
    const int error = prepare_socket(server, address->family());
    if (error == EAFNOSUPPORT) return fail(logfmt::EndReason::client_address_unusable);
    if (error != 0) return connect_failed(error);
  }
  if (!server.source_pools.empty()) {
    const int error = bind_source(server);
    if (error != 0) return try_next_source(error) ? Step::next : connect_failed(error);
  }
  server_->last_activity = lane_.now;
  server_->send.handler = &Stream::on_connect;
  lane_.ring->connect(server_->send, socket, *address);
  phase_ = Phase::connecting;
  phase_deadline_ = lane_.deadline_in(backend_config().timeouts.connect_ms);
  update_timer();
  return Step::next;
}

void Stream::on_connect(io::Op& op, io::Completion& completion) {
  Stream& stream = *op.as<Peer>().stream;
  stream.connect_result_ = static_cast<std::int16_t>(completion.result);
  stream.advance();
}

Stream::Step Stream::await_connection() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (!server_->send.in_flight) {
    if (connect_result_ == 0) return connected();
    return try_next_source(-connect_result_) ? Step::next : connect_failed(-connect_result_);
  }
  // A client that left before it said anything needs no server any more.
  if (client_left()) return begin_close(logfmt::EndReason::client_aborted_connect);
  if (phase_deadline_ <= lane_.now) {
    lane_.ring->cancel(server_->send);
    phase_ = Phase::abandoning;
    return Step::next;
  }
  arm_receive(to_server_, *session_);
  return Step::wait;
}

Stream::Step Stream::abandon_connection() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (server_->send.in_flight) return Step::wait;
  // The connection may have been made just before the cancel arrived.
  return connect_result_ == 0 ? connected() : connect_failed(ETIMEDOUT);
}

Stream::Step Stream::established() {
  if (!header_stays_of_use()) release_proxy_headers();
  established_at_ = lane_.now;
  server_->last_activity = session_->last_activity = lane_.now;
  stats::ServerCounters& counters = lane_.counters.server(backend_, server_index_);
  counters.connections_total.add();
  if (!speaks_http_) counters.connections_current.add();
  observe_connected(lane_.choices[backend_].backend().servers[server_index_]);
  if (speaks_http_) {
    http_->begin_sending();
    return Step::next;
  }
  const config::BackendRules* rules = lane_.shared.topology.backend_rules(backend_);
  response_held_ = rules != nullptr && !(*rules)[rules::RuleList::tcp_response_content].empty();
  if (!response_held_) {
    RuleInput input{lane_, *session_};
    input.server_connection = server_;
    input.backend = backend_;
    input.server = server_index_;
    stick_to_server(input);
  }
  phase_ = Phase::forwarding;
  phase_deadline_ = base::time_never;
  update_timer();
  return Step::next;
}

Stream::Step Stream::connect_failed(int error) {
  stats::ServerCounters& counters = lane_.counters.server(backend_, server_index_);
  (error == ETIMEDOUT ? counters.connect_timeouts : counters.connect_errors).add();
  if (error == EADDRNOTAVAIL || error == EADDRINUSE) counters.source_ports_exhausted.add();
  if (observe_connect_failed(lane_.choices[backend_].backend().servers[server_index_], error))
    lane_.shared.tell_server_errors(*lane_.ring);
  source_tries_ = 0;
  if (error == EMFILE || error == ENFILE) lane_.descriptors_ran_out();
  drop_server_connection();
  return retry_after(error);
}

void Stream::drop_server_connection() {
  close_server_socket();
  give_back_place();
}

void Stream::give_back_place() {
  if (!server_counted_) return;
  server_counted_ = false;
  lane_.choices[backend_].give_back(server_index_);
  lane_.place_given_back(backend_);
}

// HAProxy's rule: another server at once when it does not matter which one is taken and there is another;
// otherwise the same one again after a pause, and another one for the last try.
Stream::Step Stream::retry_after(int error) {
  const config::Backend& backend = backend_config();
  if (retries_ >= backend.retries || error == StreamTls::error_hopeless) {
    error_number_ = static_cast<std::int16_t>(error);
    return fail(reason_of_connect_error(error));
  }
  ++retries_;
  lane_.count_retry(backend_, server_index_);
  ServerChoice& choice = lane_.choices[backend_];
  const Server& server = choice.backend().servers[server_index_];
  const bool insists = choice.backend().algorithm->deterministic || wanted_server() == server_index_;
  const bool forced = speaks_http_ && http_->server_forced();
  const bool any_will_do = !insists && choice.usable_count() > 1;
  if (backend.redispatch && !forced && (!usable(server) || any_will_do || retries_ == backend.retries)) {
    failed_server_ = server_index_;
    phase_ = Phase::choosing;
    return Step::next;
  }
  std::int64_t pause_ms = 0;
  if (error != ETIMEDOUT) {
    pause_ms = backend.timeouts.connect_ms == 0 ? retry_pause_ms
                                                : std::min(retry_pause_ms, backend.timeouts.connect_ms);
  }
  phase_ = Phase::waiting_retry;
  phase_deadline_ = lane_.now + base::ms_to_us(pause_ms);
  update_timer();
  return Step::next;
}

Stream::Step Stream::await_retry() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (client_left()) return begin_close(logfmt::EndReason::client_aborted_connect);
  if (phase_deadline_ > lane_.now) {
    arm_receive(to_server_, *session_);
    return Step::wait;
  }
  if (!lane_.choices[backend_].take_place(server_index_)) return join_queue(server_index_);
  server_counted_ = true;
  phase_ = Phase::opening;
  return Step::next;
}

}  // namespace corelane::proxy
