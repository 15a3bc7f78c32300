// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_exchange.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "proxy/http_lane.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/peer_io.hpp"

namespace corelane::proxy {

HttpExchange::HttpExchange(Stream& stream)
    : stream_(stream),
      request_(stream.to_server_),
      response_(stream.to_client_),
      began_at_(stream.to_server_.queue.empty() ? -1 : stream.lane_.now),
      idle_since_(stream.exchanges_ <= 1 ? stream.session_->accepted_at : stream.session_->last_activity) {}

HttpExchange::~HttpExchange() {
  for (HttpMessage* message : {&request_, &response_}) {
    lane().http->head_blocks.release(message->gathered);
    lane().http->head_blocks.release(message->block);
  }
}

LaneState& HttpExchange::lane() const {
  return stream_.lane_;
}

void HttpExchange::begin_sending() {
  Stream& stream = stream_;
  connection_reused_ = stream.server_->exchanges != 0;
  stats::ServerCounters& counters = lane().counters.server(stream.backend_, stream.server_index_);
  counters.connections_current.add();
  stream.established_at_ = lane().now;
  stream.server_->last_activity = stream.session_->last_activity = lane().now;
  stream.phase_ = Stream::Phase::exchanging;
  stream.phase_deadline_ = base::time_never;
  request_.block->sent = 0;
  request_.bytes = 0;
  stream.update_timer();
}

Stream::Step HttpExchange::exchange() {
  Stream& stream = stream_;
  if (stream.broken_peer() != nullptr) return stream.begin_close(stream.reason_);
  if (server_spoke_unasked()) {
    stale_connection_met_ = true;
    const bool nothing_sent = request_.bytes == 0 && !stream.server_->send.in_flight;
    if (nothing_sent || may_be_repeated()) return send_again(Stream::Phase::opening);
    return server_failed(logfmt::EndReason::server_no_response, config::RetryReason::empty_response);
  }
  scan(request_);
  if (request_.error != proto::HttpError::none) return request_body_invalid();
  if (client_left()) return stream.begin_close(logfmt::EndReason::client_aborted);
  if (!stream.server_refuses_) send(request_, *stream.server_);
  if (response_.state == HttpMessage::State::head && !response_.pending()) {
    const Step step = read_response();
    if (step != Step::wait) return step;
  }
  scan(response_);
  send(response_, *stream.session_);
  if (response_.error != proto::HttpError::none) return response_body_invalid();
  if (response_.delivered() && !stream.session_->send.in_flight) {
    const Step step = response_delivered();
    if (step != Step::wait) return step;
  } else if (stream.to_client_.source_ended && response_.state != HttpMessage::State::complete &&
             !rules_wait_.waits()) {
    const Step step = server_ended();
    if (step != Step::wait) return step;
  }
  const Step step = receive_more();
  if (step != Step::wait) return step;
  const base::TimeUs due = deadline();
  if (due <= lane().now) return timed_out();
  // Waiting for one side may begin with any completion of the other.
  const base::Timer& timer = stream.timer_;
  const bool set = timer.linked() && timer.expiry <= due;
  if (!set && due != base::time_never) lane().wheel->set(stream.timer_, due);
  return Step::wait;
}

// What comes in the turn in which a kept connection was taken was sent before it got the request.
bool HttpExchange::server_spoke_unasked() const {
  return connection_reused_ && stream_.established_at_ == lane().now && !request_.delivered() &&
         (stream_.to_client_.source_ended || !stream_.to_client_.queue.empty());
}

// A pipe passes bytes on at once: what that changes is looked at once more.
Stream::Step HttpExchange::receive_more() {
  const auto seen = [this] {
    return std::array{request_.delivered(), response_.delivered(), stream_.to_server_.source_ended,
                      stream_.to_client_.source_ended};
  };
  const auto before = seen();
  receive(request_, *stream_.session_, *stream_.server_);
  receive(response_, *stream_.server_, *stream_.session_);
  return seen() == before ? Step::wait : Step::next;
}

// A head in one piece, as nearly all are, is read where it lies; what comes in several is gathered, so that a
// slow peer holds no buffer. The queue is not empty.
HttpExchange::HeadSoFar HttpExchange::head_so_far(HttpMessage& message) {
  const std::string_view fresh = io::text_of(message.flow.queue.front(lane().ring->buffers()));
  if (message.gathered == nullptr) return {.text = fresh, .gathered = 0};
  const std::uint32_t gathered = message.gathered->size;
  lane().http->head_blocks.reserve(message.gathered, fresh.size());
  message.gathered->append(fresh.substr(0, message.gathered->room().size()));
  return {.text = message.gathered->text(), .gathered = gathered};
}

// It is not complete: the first buffer, which head_so_far() has looked at, gives its bytes to the block.
void HttpExchange::gather_head(HttpMessage& message) {
  io::BufferPool& buffers = lane().ring->buffers();
  const std::string_view fresh = io::text_of(message.flow.queue.front(buffers));
  if (message.gathered == nullptr) {
    message.gathered = &lane().http->head_blocks.take(fresh.size());
    message.gathered->append(fresh);
  }
  message.flow.queue.consume(buffers, static_cast<std::uint32_t>(fresh.size()));
}

// What came and belongs to the message may be sent.
void HttpExchange::scan(HttpMessage& message) {
  if (message.state != HttpMessage::State::body || message.error != proto::HttpError::none) return;
  const bool was_pending = message.pending();
  std::span<const std::byte> bytes;
  while (!message.body.complete() &&
         !(bytes = message.flow.queue.at(lane().ring->buffers(), message.cleared)).empty()) {
    const auto result = message.body.read(io::text_of(bytes));
    message.cleared += result.consumed;
    message.error = result.error;
    if (result.error != proto::HttpError::none) break;
  }
  if (message.body.complete()) message.state = HttpMessage::State::complete;
  if (!was_pending && message.pending()) begin_waiting_for(message);
}

// Something is there to be sent again: the time-out of who is to take it begins anew.
void HttpExchange::begin_waiting_for(const HttpMessage& message) {
  if (stream_.phase_ != Stream::Phase::exchanging) return;
  Peer& sink = &message == &request_ ? static_cast<Peer&>(*stream_.server_) : *stream_.session_;
  sink.last_activity = lane().now;
  stream_.update_timer();
}

void HttpExchange::send(HttpMessage& message, Peer& sink) {
  if (sink.send.in_flight || message.flow.loan != nullptr || !message.pending()) return;
  std::span<const std::byte> bytes;
  if (message.block != nullptr && !message.block->unsent().empty()) {
    bytes = std::as_bytes(std::span(message.block->unsent()));
  } else {
    bytes = message.flow.queue.front(lane().ring->buffers());
    bytes = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), message.cleared)));
    message.body_sent = true;  // now: what is in flight may go out even when it is given up
  }
  sink.send.handler = &HttpExchange::on_sent;
  peer_send(lane(), sink, bytes);
}

void HttpExchange::on_sent(io::Op& op, io::Completion& completion) {
  Peer& peer = op.as<Peer>();
  Stream& stream = *peer.stream;
  HttpExchange& exchange = *stream.http_;
  HttpMessage& message = peer.side == Side::client ? exchange.response_ : exchange.request_;
  if (completion.result > 0) {
    const auto bytes = static_cast<std::uint32_t>(completion.result);
    message.bytes += bytes;
    peer.last_activity = stream.lane_.now;
    if (message.block != nullptr && !message.block->unsent().empty()) {
      message.block->sent += bytes;
    } else {
      stream.flow_to(peer).queue.consume(stream.lane_.ring->buffers(), bytes);
      message.cleared -= bytes;
    }
  } else if (completion.result != -ECANCELED && stream.phase_ != Stream::Phase::closing) {
    stream.broken(peer, completion.result == 0 ? EPIPE : -completion.result, false);
  }
  stream.advance();
}

// The client has all of the response. A server that answered before it had read the whole request may still
// want the rest of it.
Stream::Step HttpExchange::response_delivered() {
  Stream& stream = stream_;
  if (becomes_tunnel_) {
    if (request_.pending() || stream.server_->send.in_flight) return Step::wait;
    stream.become_tunnel();
    return Step::next;
  }
  const bool server_done = stream.server_refuses_ || stream.to_client_.source_ended || !server_stays_;
  if (!request_.delivered() && !server_done) return Step::wait;
  // What is in flight refers to the request.
  if (stream.server_->send.in_flight)
    return server_done ? stream.give_up_server(Stream::Phase::replying) : Step::wait;
  return finish();
}

// The server said its last word before the response was complete.
Stream::Step HttpExchange::server_ended() {
  Stream& stream = stream_;
  if (response_.state == HttpMessage::State::head) {
    // What came behind an interim response is read when that has gone.
    if (response_.pending()) return Step::wait;
    const bool nothing = response_.gathered == nullptr && !response_begun_;
    return nothing
               ? server_failed(logfmt::EndReason::server_no_response, config::RetryReason::empty_response)
               : server_failed(logfmt::EndReason::response_incomplete, config::RetryReason::junk_response);
  }
  if (response_.body.opaque_remaining() == proto::HttpBodyReader::without_end && !stream.server_broke_) {
    response_.state = HttpMessage::State::complete;
    return Step::next;
  }
  if (response_.pending() || stream.session_->send.in_flight) return Step::wait;
  // Only a reset tells a client that waits for the connection's end that this was not it.
  const bool truncated = stream.server_->tls != nullptr && stream.server_->tls->is_truncated();
  stream.broken_ = Stream::Broken::server;
  return stream.begin_close(truncated ? logfmt::EndReason::server_truncated
                                      : logfmt::EndReason::response_incomplete);
}

// A body whose framing is broken: what comes behind could be anything.
Stream::Step HttpExchange::request_body_invalid() {
  refusal_ = request_.error;
  if (response_begun_) return stream_.begin_close(logfmt::EndReason::request_invalid);
  return begin_reply(proto::http_error_row(request_.error).status, logfmt::EndReason::request_invalid);
}

Stream::Step HttpExchange::response_body_invalid() {
  refusal_ = response_.error;
  stream_.broken_ = Stream::Broken::server;
  return stream_.begin_close(logfmt::EndReason::response_invalid);
}

// Nothing of a response has gone to the client: another attempt, or an answer of our own.
Stream::Step HttpExchange::server_failed(logfmt::EndReason reason, config::RetryReason retry) {
  Stream& stream = stream_;
  const bool nothing_came = retry == config::RetryReason::empty_response;
  if (connection_reused_ && !stale_connection_met_ && nothing_came && may_be_repeated()) {
    stale_connection_met_ = true;
    return send_again(Stream::Phase::opening);
  }
  const config::Backend& backend = stream.backend_config();
  if (!response_begun_ && backend.http.retry_on.has(retry) && stream.retries_ < backend.retries &&
      request_intact()) {
    return retry_request();
  }
  if (response_begun_) return stream.begin_close(reason);
  return begin_reply(reason == logfmt::EndReason::response_timeout ? 504 : 502, reason);
}

Stream::Step HttpExchange::retry_request() {
  Stream& stream = stream_;
  ++stream.retries_;
  lane().count_retry(stream.backend_, stream.server_index_);
  if (!stream.backend_config().redispatch) return send_again(Stream::Phase::opening);
  stream.failed_server_ = stream.server_index_;
  return send_again(Stream::Phase::choosing);
}

Stream::Step HttpExchange::send_again(Stream::Phase from) {
  Stream& stream = stream_;
  // Of the response, if there was one, nothing counts.
  lane().http->head_blocks.release(response_.gathered);
  response_.progress = {};
  end_rule_wait();
  refusal_ = proto::HttpError::none;
  lane().counters.server(stream.backend_, stream.server_index_).connections_current.subtract();
  stream.established_at_ = -1;
  return stream.give_up_server(from);
}

// --- Time-outs ---------------------------------------------------------------------------------------------

// The client is waited for while its request is incomplete and while it has not taken what is there for it.
base::TimeUs HttpExchange::client_deadline() const {
  const std::int64_t timeout_ms = stream_.frontend_config().timeouts.client_ms;
  if (timeout_ms == 0) return base::time_never;
  const bool sending = request_.state != HttpMessage::State::complete &&
                       stream_.session_->receive.in_flight && !request_.pending();
  if (!sending && !response_.pending()) return base::time_never;
  return stream_.session_->last_activity + base::ms_to_us(timeout_ms);
}

// The server is waited for while it has not taken what is there for it, and for its response once it has the
// whole request.
base::TimeUs HttpExchange::server_deadline() const {
  const std::int64_t timeout_ms = effects_.timeouts.server_ms >= 0
                                      ? effects_.timeouts.server_ms
                                      : stream_.backend_config().timeouts.server_ms;
  if (timeout_ms == 0 || stream_.server_ == nullptr) return base::time_never;
  // Who is kept waiting by a rule is not waited for.
  const bool answering = rules_wait_.what != RuleWait::For::time && request_.delivered() &&
                         response_.state != HttpMessage::State::complete &&
                         stream_.server_->receive.in_flight && !response_.pending();
  if (!answering && !request_.pending()) return base::time_never;
  return stream_.server_->last_activity + base::ms_to_us(timeout_ms);
}

base::TimeUs HttpExchange::deadline() const {
  return std::min(client_deadline(), server_deadline());
}

Stream::Step HttpExchange::timed_out() {
  if (server_deadline() <= lane().now) {
    if (response_.state == HttpMessage::State::head)
      return server_failed(logfmt::EndReason::response_timeout, config::RetryReason::response_timeout);
    return stream_.begin_close(logfmt::EndReason::server_timeout);
  }
  if (response_begun_) return stream_.begin_close(logfmt::EndReason::client_timeout);
  return begin_reply(408, logfmt::EndReason::client_timeout);
}

}  // namespace corelane::proxy
