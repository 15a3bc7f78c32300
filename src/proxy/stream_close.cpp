// SPDX-License-Identifier: Apache-2.0
#include "proxy/end_counts.hpp"
#include "proxy/http_captures.hpp"
#include "proxy/http_exchange.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/log_values.hpp"
#include "proxy/peer_io.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_tls.hpp"
#include "tls/peer_facts.hpp"

namespace corelane::proxy {

namespace {

// Of a TCP connection; an exchange knows its own.
logfmt::EndPhase end_phase_of(Stream::Phase phase, logfmt::EndReason reason) {
  if (reason == logfmt::EndReason::completed) return logfmt::EndPhase::finished;
  if (phase == Stream::Phase::reading_header || phase == Stream::Phase::handshaking ||
      phase == Stream::Phase::inspecting || phase == Stream::Phase::reading_request)
    return logfmt::EndPhase::request;
  if (phase == Stream::Phase::queueing) return logfmt::EndPhase::queue;
  return phase == Stream::Phase::forwarding ? logfmt::EndPhase::data : logfmt::EndPhase::connect;
}

}  // namespace

// The one way to close: the first reason wins, every operation is cancelled, and when the last of them has
// come back the sockets are closed and the stream is counted and logged. Operations are cancelled rather than
// ended by shutdown(2), which would send a FIN, "everything was said", before the reset of a connection that
// broke.
Stream::Step Stream::begin_close(logfmt::EndReason reason) {
  if (reason_ == logfmt::EndReason::none) reason_ = reason;
  end_phase_ =
      http_ != nullptr && phase_ != Phase::forwarding ? http_->end_phase() : end_phase_of(phase_, reason_);
  phase_ = Phase::closing;
  lane_.wheel->stop(timer_);
  leave_queue();
  for (Peer* peer : {static_cast<Peer*>(session_), static_cast<Peer*>(server_)}) {
    if (peer == nullptr) continue;
    peer_cancel(lane_, *peer);
  }
  return Step::next;
}

Stream::Step Stream::close_when_idle() {
  const bool idle = peer_at_rest(*session_) && (server_ == nullptr || peer_at_rest(*server_));
  return idle ? Step::finished : Step::wait;
}

void Stream::release() {
  end_under_exchange();
  if (lane_.log_wanted(session_->frontend) && exchanges_ == 0) log_end();
  count_end();
  if (exchanges_ == 0) count_tracked_bytes(lane_, *this, to_server_.bytes, to_client_.bytes);
  end_session_tracking(lane_, *this);
  count_waiting(false);
  count_idle(false);
  for (Flow* flow : {&to_server_, &to_client_}) {
    flow->queue.clear(lane_.ring->buffers());
    if (flow->loan != nullptr) leave_splice(*flow);
  }
  // The other end of a broken connection learns that it broke.
  if (broken_peer() != nullptr) {
    (void)io::socket_reset_on_close(session_->socket);
    if (server_ != nullptr) (void)io::socket_reset_on_close(server_->socket);
  }
  if (resets_server_) (void)io::socket_reset_on_close(server_->socket);
  drop_server_connection();
  release_proxy_headers();
  LaneState& lane = lane_;
  const std::uint32_t frontend = session_->frontend;
  const base::TimeUs lasted_us = lane.now - session_->accepted_at;
  lane.ring->close(session_->socket);
  if (session_->tls != nullptr) lane.tls->transports.release(session_->tls);
  lane.sessions.release(session_);
  unlink();
  lane.stream_slots.remove(lane.streams.slot(this));
  lane.streams.release(this);
  if (lane.handover) lane.handover->ended(lasted_us);
  lane.release_permits(frontend);
  lane.resume_listeners();
}

namespace {

struct ConnectionCounts {
  std::uint64_t process = 0;
  std::uint64_t frontend = 0;
  std::uint64_t backend = 0;
  std::uint64_t server = 0;
};

// What all lanes carry now; only an ending connection asks, and it only reads.
ConnectionCounts count_connections(const LaneShared& shared, const logfmt::ConnectionRecord& record) {
  ConnectionCounts counts;
  for (const stats::LaneBlock* block : shared.blocks) {
    counts.process += block->lane().connections_current.get();
    counts.frontend += block->frontend(record.frontend).connections_current.get();
    counts.backend += block->backend(record.backend).connections_current.get();
    if (record.server != logfmt::no_index) {
      counts.server += block->server(record.backend, record.server).connections_current.get();
    }
  }
  return counts;
}

}  // namespace

void Stream::log_end() {
  const bool null_connection = to_server_.bytes == 0 && to_client_.bytes == 0 &&
                               header_error_ == proto::ProxyError::none &&
                               (session_->tls == nullptr || !session_->tls->heard_anything());
  const bool unused = speaks_http_ && reason_ == logfmt::EndReason::completed;  // at a drain
  if (unused || (null_connection && frontend_config().dont_log_null)) return;
  const RuledStream* const ruled =
      lane_.rules == nullptr ? nullptr : &lane_.rules->ruled[lane_.streams.slot(this)];
  if (ruled != nullptr && ruled->unlogged) return;
  logfmt::ConnectionRecord record = describe_end(reason_, end_phase_);
  if (ruled != nullptr) record.http.level = ruled->log_level;
  if (speaks_http_) record.backend = logfmt::no_index;  // it did not come so far
  const RuleInput input{.lane = lane_,
                        .session = *session_,
                        .server_connection = server_,
                        .backend = in_backend_ ? backend_ : config::no_index,
                        .server = in_backend_ ? server_index_ : config::no_index};
  lane_.write_log(record, with_log_values(input, record, log_text()));
}

// What rules have captured.
std::string_view Stream::log_text() {
  if (lane_.rules == nullptr || speaks_http_) return {};
  return with_captured_slots(lane_, *this, session_->frontend, {});
}

void Stream::log_now(const RuleInput& input) {
  if (!lane_.log_wanted(session_->frontend)) return;
  if (http_ != nullptr) return http_->log_now(input);
  logfmt::ConnectionRecord record =
      describe_end(logfmt::EndReason::none, end_phase_of(phase_, logfmt::EndReason::none));
  if (!in_backend_) record.backend = logfmt::no_index;
  lane_.write_log(record, with_log_values(input, record, log_text()));
}

// What is the same for a TCP connection and for an HTTP exchange, and the former's counts and times.
logfmt::ConnectionRecord Stream::describe_end(logfmt::EndReason reason, logfmt::EndPhase phase) const {
  logfmt::ConnectionRecord record;
  record.accept_wall_us = session_->accepted_at + lane_.options.wall_offset_us;
  record.total_us = lane_.now - session_->accepted_at;
  if (chosen_at_ >= 0) record.queue_us = chosen_at_ - session_->accepted_at;
  if (established_at_ >= 0) record.connect_us = established_at_ - chosen_at_;
  record.bytes_to_server = to_server_.bytes;
  record.bytes_to_client = to_client_.bytes;
  record.retries = retries_;
  (queued_for_server_ ? record.queue_server : record.queue_backend) = queue_position_;
  record.frontend = session_->frontend;
  record.bind = session_->bind;
  record.backend = backend_;
  record.server = server_index_;
  record.lane = lane_.options.index;
  record.error_number = error_number_;
  record.is_http = speaks_http_;
  record.http.handshake_us = session_->handshake_us;
  record.detail = proto::proxy_error_word(header_error_);
  if (session_->tls != nullptr) {
    record.with_tls = true;
    record.tls_version = tls::protocol(session_->tls->connection()).value_or(std::string_view{});
    record.tls_cipher = tls::cipher(session_->tls->connection()).value_or(std::string_view{});
    if (reason != logfmt::EndReason::completed) record.detail = session_->tls->failure();
  }
  if (const std::string_view fault = StreamTls::server_fault(*this, reason); !fault.empty())
    record.detail = fault;
  record.client = session_->endpoint;
  record.redispatched = redispatched_;
  record.reason = reason;
  record.phase = phase;
  const ConnectionCounts counts = count_connections(lane_.shared, record);
  record.connections_process = counts.process;
  record.connections_frontend = static_cast<std::uint32_t>(counts.frontend);
  record.connections_backend = static_cast<std::uint32_t>(counts.backend);
  record.connections_server = static_cast<std::uint32_t>(counts.server);
  return record;
}

void Stream::count_end() {
  stats::FrontendCounters& frontend = lane_.counters.frontend(session_->frontend);
  lane_.lane_counters().connections_current.subtract();
  frontend.connections_current.subtract();
  lane_.counters.bind(session_->frontend, session_->bind).connections_current.subtract();
  StreamTls::count_end(*this);
  if (exchanges_ != 0) return;  // they have been counted as they ended
  count_end_reason(frontend, reason_);
  if (speaks_http_) return;
  if (!in_backend_) return;
  stats::BackendCounters& backend = lane_.counters.backend(backend_);
  backend.connections_current.subtract();
  if (reason_ == logfmt::EndReason::no_server_available) backend.no_server.add();
  if (established_at_ < 0) return;
  stats::ServerCounters& server = lane_.counters.server(backend_, server_index_);
  server.connections_current.subtract();
  count_end_reason(server, reason_);
}

}  // namespace corelane::proxy
