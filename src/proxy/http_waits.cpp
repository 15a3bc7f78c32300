// SPDX-License-Identifier: Apache-2.0
// Rules that wait: for a body, or for a time. The head is kept meanwhile, as rules have changed it up to
// then, and the body stays in its flow's queue.
#include <algorithm>

#include "base/check.hpp"
#include "proxy/http_captures.hpp"
#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/rule_run.hpp"

namespace corelane::proxy {

namespace {

constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void HttpExchange::begin_rule_wait() {
  const bool paused = rules_wait_.what == RuleWait::For::time;
  wait_until_ = lane().deadline_in(rules_wait_.time_ms);
  // A client is not blamed for what we make it wait.
  if (paused && response_read_at_ < 0 && stream_.phase_deadline_ != base::time_never)
    stream_.phase_deadline_ += base::ms_to_us(rules_wait_.time_ms);
  stream_.update_timer();
}

void HttpExchange::end_rule_wait() {
  rules_wait_.what = RuleWait::For::nothing;
  wait_until_ = base::time_never;
}

// As much as is wanted, or as can be.
bool HttpExchange::body_is_enough(HttpMessage& message, const proto::HttpHead& head,
                                  const proto::HttpLimits& limits) {
  io::BufferPool& buffers = lane().ring->buffers();
  Flow& flow = message.flow;
  // Where the lane has no buffer left, who holds one does not wait for another: others would wait for his.
  if (flow.source_ended) return true;
  if (flow.starved && !flow.queue.empty()) {
    lane().counters.frontend(stream_.session_->frontend).body_waits_starved.add();
    return true;
  }
  flow.queue.gather(buffers);
  if (flow.queue.count() >= flow_leases_max) return true;
  const bool of_request = &message == &request_;
  const std::uint64_t bytes = of_request ? message.cleared : flow.queue.bytes(buffers);
  bool complete = of_request && message.state == HttpMessage::State::complete;
  if (complete) return true;
  const QueuedBody body{flow.queue, buffers, bytes, head.framing, head.content_length, limits};
  // What it holds is looked at where it may be enough, or the end: the text itself is not wanted yet.
  if (of_request && bytes < rules_wait_.body_bytes) return false;
  const std::size_t size = body.copy_to(lane().http->body_scratch, complete);
  return complete || size >= rules_wait_.body_bytes;
}

// --- The request -------------------------------------------------------------------------------------------

// The head's views are void when this call has returned to who has read it.
void HttpExchange::hold_request(const proto::HttpRequestHead& head, const proto::HttpRequestHead& original,
                                bool resumed) {
  const bool kept_already = resumed && head.bytes.data() == request_.gathered->text().data();
  method_ = head.method;
  version_ = head.version;
  if (!resumed) begin_body(head);
  begin_rule_wait();
  if (kept_already) return;
  const config::Capture& capture = stream_.frontend_config().http.capture;
  const std::size_t text_bytes = resumed       ? texts_.text().size()
                                 : wants_log() ? captured_bytes_max(capture, original)
                                               : 0;
  HeadBlock& block = lane().http->head_blocks.take(head.bytes.size() + text_bytes);
  block.append(head.bytes);
  if (resumed) {
    texts_ = logfmt::HttpLogTextWriter(block.room(), texts_.text());
  } else if (text_bytes != 0) {
    texts_ = logfmt::HttpLogTextWriter(block.room());
    capture_request(capture, original, texts_);
  }
  held_head_ = &block;
}

// We answer for whoever waits for it: a client that holds its body back until it is asked for it.
void HttpExchange::ask_for_body() {
  const bool wanted = continue_awaited_ && rules_wait_.what == RuleWait::For::body && request_.cleared == 0 &&
                      request_.state != HttpMessage::State::complete && !response_.pending();
  if (!wanted) return;
  continue_awaited_ = false;
  continue_sent_ = true;
  empty_block(continue_response.size()).append(continue_response);
}

Stream::Step HttpExchange::await_request_rules() {
  Stream& stream = stream_;
  scan(request_);
  ask_for_body();
  send(response_, *stream.session_);
  const bool speaking = response_.pending() || stream.session_->send.in_flight;
  const bool late = stream.phase_deadline_ <= lane().now;
  if (stream.to_server_.source_ended && request_.state != HttpMessage::State::complete)
    return stream.begin_close(logfmt::EndReason::client_aborted);
  if (speaking && late) return stream.begin_close(logfmt::EndReason::request_timeout);
  if (!speaking) {
    if (request_.error != proto::HttpError::none) return refuse_request(request_.error, 0);
    if (request_wait_is_over()) return resume_request();
    if (late) return begin_reply(408, logfmt::EndReason::request_timeout);
  }
  stream.arm_receive(stream.to_server_, *stream.session_);
  return Step::wait;
}

bool HttpExchange::request_wait_is_over() {
  if (wait_until_ <= lane().now) return true;
  if (rules_wait_.what == RuleWait::For::handshake) return !stream_.session_->tls->connection().is_early();
  if (rules_wait_.what != RuleWait::For::body) return false;
  read_held_request();
  return body_is_enough(request_, lane().http->request,
                        lane().http->request_options[stream_.session_->frontend].limits);
}

void HttpExchange::read_held_request() {
  proto::HttpHeadProgress progress;
  const RuleInput input{.lane = lane(), .session = *stream_.session_};
  const proto::HttpRead read = proto::read_request_head(request_.gathered->text(), options_of_changed(input),
                                                        lane().http->request, progress);
  CORELANE_CHECK(read.state == proto::HttpRead::State::head);
}

Stream::Step HttpExchange::resume_request() {
  end_rule_wait();
  read_held_request();
  const proto::HttpError fault = compose_request(true);
  if (fault != proto::HttpError::none) return refuse_request(fault, 0);
  return take_request();
}

// --- The response ------------------------------------------------------------------------------------------

Stream::Step HttpExchange::hold_response(const proto::HttpResponseHead& head, std::uint32_t consumed) {
  begin_rule_wait();
  HeadBlock& block = lane().http->head_blocks.take(head.bytes.size());
  block.append(head.bytes);
  drop_response_head(consumed);
  response_.gathered = &block;
  return Step::next;
}

Stream::Step HttpExchange::await_response_rules() {
  LaneState& lane = this->lane();
  proto::HttpHeadProgress progress;
  proto::HttpResponseHead& head = lane.http->response;
  const proto::HttpRead read = proto::read_response_head(
      response_.gathered->text(), options_of_changed(response_rule_input()), method_, head, progress);
  CORELANE_CHECK(read.state == proto::HttpRead::State::head);
  const bool for_body = rules_wait_.what == RuleWait::For::body;
  const bool over =
      wait_until_ <= lane.now ||
      (for_body && body_is_enough(response_, head, lane.http->response_options[stream_.backend_].limits));
  if (!over) return Step::wait;
  end_rule_wait();
  // Its time stood still.
  if (!for_body) stream_.server_->last_activity = lane.now;
  return take_response(0, true);
}

}  // namespace corelane::proxy
