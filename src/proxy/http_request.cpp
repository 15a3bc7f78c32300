// SPDX-License-Identifier: Apache-2.0
// Reading a request, and making of it what the server gets.
#include <algorithm>
#include <utility>

#include "proxy/forwarded_fields.hpp"
#include "proxy/http_captures.hpp"
#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/http_rules.hpp"
#include "proxy/lane_rules.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/rule_run.hpp"

namespace corelane::proxy {

namespace {

// So much of a body is sent with the head: fewer packets, and a request that can be sent again.
constexpr std::uint64_t joined_body_bytes_max = 2048;

std::size_t joined_body_bytes(const proto::HttpRequestHead& head) {
  if (head.framing == proto::HttpFraming::none) return 0;
  const bool known = head.framing == proto::HttpFraming::length;
  return known ? std::min(head.content_length, joined_body_bytes_max) : joined_body_bytes_max;
}

bool is_idempotent(proto::HttpMethod method) {
  using proto::HttpMethod;
  return method != HttpMethod::post && method != HttpMethod::patch && method != HttpMethod::connect &&
         method != HttpMethod::other;
}

/// A repeated one does no harm (RFC 9110, 9.2.1); what becomes of an upgrade nobody knows.
bool is_safe(const proto::HttpRequestHead& head) {
  using proto::HttpMethod;
  return !head.upgrade && (head.method == HttpMethod::get || head.method == HttpMethod::head ||
                           head.method == HttpMethod::options || head.method == HttpMethod::trace);
}

/// Servers are told that a request may be a recording, and may refuse it (RFC 8470, 5.1).
bool add_early_field(const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  constexpr std::string_view name = "Early-Data";
  return head.fields.find(name) != nullptr || edits.add_field(name, "1");
}

// Servers of the origin expect the origin's form (RFC 9112, 3.2.1 and 3.2.4).
bool to_origin_form(const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  const bool no_path = head.target.size() == head.target.find("//") + 2 + head.authority.size();
  if (no_path && head.method == proto::HttpMethod::options) return edits.replace(head.target, "*");
  if (!head.path_and_query.starts_with('?')) return edits.replace(head.target, head.path_and_query);
  return edits.replace(head.target.substr(0, head.target.size() - head.path_and_query.size()), "/");
}

// It is made here at the latest: a log line has no request to make it of.
bool add_unique_id(const RuleInput& input, const config::Frontend& frontend, proto::HttpHeadEdits& edits) {
  const std::string_view id = unique_id_of(input);
  if (id.empty() || frontend.unique_id_header.empty() || !is_field_value(id)) return true;
  return edits.add_field(frontend.unique_id_header, id);
}

}  // namespace

Stream::Step HttpExchange::read_request() {
  if (request_.block != nullptr) return request_read();
  if (rules_wait_.waits()) return await_request_rules();
  Flow& flow = stream_.to_server_;
  io::BufferPool& buffers = lane().ring->buffers();
  while (!flow.queue.empty()) {
    const HeadSoFar head = head_so_far(request_);
    const proto::HttpRead read =
        proto::read_request_head(head.text, lane().http->request_options[stream_.session_->frontend],
                                 lane().http->request, request_.progress);
    if (read.state == proto::HttpRead::State::error) return refuse_request(read.error, read.position);
    if (read.state == proto::HttpRead::State::head) {
      const proto::HttpError fault = compose_request(false);
      if (fault != proto::HttpError::none) return refuse_request(fault, read.consumed);
      flow.queue.consume(buffers, static_cast<std::uint32_t>(read.consumed) - head.gathered);
      return take_request();
    }
    if (request_.gathered == nullptr) stream_.update_timer();
    gather_head(request_);
  }
  return request_head_missing();
}

Stream::Step HttpExchange::request_head_missing() {
  Stream& stream = stream_;
  if (stream.to_server_.source_ended) {
    status_ = 400;
    return stream.begin_close(logfmt::EndReason::request_incomplete);
  }
  if (stream.phase_deadline_ <= lane().now) return begin_reply(408, logfmt::EndReason::request_timeout);
  stream.arm_receive(stream.to_server_, *stream.session_);
  return Step::wait;
}

Stream::Step HttpExchange::refuse_request(proto::HttpError error, std::size_t position) {
  refusal_ = error;
  refused_at_ = static_cast<std::uint32_t>(position);
  return begin_reply(proto::http_error_row(error).status, logfmt::EndReason::request_invalid);
}

config::HttpConnection HttpExchange::connection_mode() const {
  return std::max(stream_.frontend_config().http.http_connection,
                  stream_.backend_config().http.http_connection);
}

void HttpExchange::note_request(const proto::HttpRequestHead& head) {
  const config::Frontend& frontend = stream_.frontend_config();
  monitored_ = !frontend.http.monitor_uri.empty() && head.path_and_query == frontend.http.monitor_uri;
  lane().counters.frontend_rates(stream_.session_->frontend).requests.add(lane().now);
  keep_request(lane(), stream_, *stream_.session_, head);
}

// As rules have left it.
void HttpExchange::note_head(const proto::HttpRequestHead& head) {
  const config::HttpConnection wanted = connection_mode();
  method_ = head.method;
  version_ = head.version;
  client_stays_ = head.keep_alive && wanted != config::HttpConnection::close;
  server_stays_ = wanted == config::HttpConnection::keep_alive;
  upgrade_wanted_ = head.upgrade;
}

/// Says to the server whether its connection stays.
bool HttpExchange::add_connection_field(const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits) {
  if (head.upgrade) {
    server_stays_ = true;
    return true;
  }
  if (head.version != proto::HttpVersion::http10)
    return server_stays_ || edits.add_field("Connection", "close");
  // Its server would close otherwise, or would take a keep-alive of ours for the client's.
  server_stays_ = server_stays_ && head.keep_alive;
  return !server_stays_ || edits.add_field("Connection", "keep-alive");
}

RequestJudged HttpExchange::judge(RuleInput& rule_input) {
  if (!monitored_ && !too_early_) return judge_request(rule_input, rules_wait_);
  count_tracked_request(lane(), stream_);
  RequestJudged judged;
  judged.backend = backend_by_rules(rule_input);
  return judged;
}

// The views of the head are good until the queue gives its bytes back: whatever depends on them is done here.
// `resumed`: rules have waited, and go on.
proto::HttpError HttpExchange::compose_request(bool resumed) {
  const proto::HttpRequestHead& original = lane().http->request;
  const config::Frontend& frontend = stream_.frontend_config();
  if (!resumed) note_request(original);
  RuleInput rule_input{.lane = lane(),
                       .session = *stream_.session_,
                       .request = &original,
                       .request_number = stream_.exchanges_,
                       .backend = stream_.in_backend_ ? stream_.backend_ : config::no_index,
                       .body = resumed ? &request_ : nullptr,
                       .effects = &effects_};
  const TlsTransport* const tls = stream_.session_->tls;
  const bool early = tls != nullptr && tls->connection().is_early();
  const bool refused_early = early && !is_safe(original);
  const bool may_wait = lane().shared.topology.waits_for_handshakes(rule_input.session.frontend);
  too_early_ = refused_early && !resumed && !may_wait;
  const RequestJudged judged = judge(rule_input);
  ruled_status_ = judged.status;
  rejected_ = judged.rejected;
  held_ = judged.held;
  take_hints();
  if (judged.backend != config::no_index && !stream_.in_backend_) stream_.enter_backend(judged.backend);
  if (refused_early && may_wait) too_early_ = judged.passes() && !rules_wait_.waits();
  if (rules_wait_.waits()) {
    hold_request(*rule_input.request, original, resumed);
    return proto::HttpError::none;
  }
  if (judged.backend != config::no_index) {
    rule_input.backend = judged.backend;
    persistence_rules_ = judge_persistence(rule_input);
    ruled_server_ = server_by_rules(rule_input, persistence_rules_.forced);
    stick_by_request(rule_input, persistence_rules_.forced);
  }
  const proto::HttpRequestHead& head = *rule_input.request;
  monitor_fails_ = monitored_ && monitor_fails(rule_input);
  note_head(head);
  proto::HttpHeadEdits& edits = lane().http->edits;
  edits.begin(head.bytes, lane().http->texts);
  if (!remove_hop_by_hop(head, edits)) return proto::HttpError::too_many_fields;
  const proto::HttpField* expectation = head.fields.first(proto::HttpName::expect);
  if (continue_sent_ && expectation != nullptr && !edits.remove(*expectation))
    return proto::HttpError::too_many_fields;
  bool fits = read_cookie(head);
  if (head.form == proto::HttpTargetForm::absolute) {
    fits = fits && to_origin_form(head, edits);
    if (head.fields.count(proto::HttpName::host) == 0) fits = fits && edits.add_field("Host", head.host);
  }
  const ForwardedEnds ends{
      .client = stream_.session_->endpoint,
      .destination = [](const void* context) { return static_cast<const Session*>(context)->own_endpoint(); },
      .context = stream_.session_,
      .secure = stream_.session_->tls != nullptr};
  fits = fits && add_forwarded_fields(frontend.http, stream_.backend_config().http, ends, head, edits) &&
         add_unique_id(rule_input, frontend, edits);
  fits = fits && (!early || add_early_field(head, edits)) && add_connection_field(head, edits);
  if (!fits || !write_request(head, original)) return proto::HttpError::head_too_large;
  if (!resumed) begin_body(head);
  note_key(head);
  return proto::HttpError::none;
}

void HttpExchange::begin_body(const proto::HttpRequestHead& head) {
  continue_awaited_ = head.expect_continue;
  request_.body.begin(head.framing, head.content_length,
                      lane().http->request_options[stream_.session_->frontend].limits);
  request_.state = HttpMessage::State::body;
}

// The head as the server gets it, room for what of the body goes with it, and what the log is to say.
// That one is about the request as it came.
bool HttpExchange::write_request(const proto::HttpRequestHead& head, const proto::HttpRequestHead& original) {
  const proto::HttpHeadEdits& edits = lane().http->edits;
  const config::Capture& capture = stream_.frontend_config().http.capture;
  const std::size_t body_bytes = joined_body_bytes(head);
  const std::string_view kept_text = texts_.text();  // rules have waited
  const std::size_t text_bytes = !kept_text.empty() ? kept_text.size() + captured_response_bytes_max(capture)
                                 : wants_log()      ? captured_bytes_max(capture, original)
                                                    : 0;
  HeadBlock& block = lane().http->head_blocks.take(edits.new_size() + body_bytes + text_bytes);
  request_.block = &block;
  block.size = static_cast<std::uint32_t>(edits.write_to(block.bytes()));
  if (text_bytes != 0 && block.room().size() > body_bytes) {
    texts_ = logfmt::HttpLogTextWriter(block.room().subspan(body_bytes), kept_text);
    if (kept_text.empty()) capture_request(capture, original, texts_);
  }
  return block.size != 0;
}

Stream::Step HttpExchange::take_request() {
  request_read_at_ = lane().now;
  if (rules_wait_.waits()) {
    if (held_head_ != nullptr) {
      lane().http->head_blocks.release(request_.gathered);
      request_.gathered = std::exchange(held_head_, nullptr);
    }
    return await_request_rules();
  }
  lane().http->head_blocks.release(request_.gathered);
  if (rejected_) return stream_.begin_close(logfmt::EndReason::request_denied);
  if (monitored_ || too_early_ || ruled_status_ != 0) key_in_body_ = false;
  return request_read();
}

// What rules have made of an interim response, if anything.
void HttpExchange::take_hints() {
  if (lane().rules == nullptr || lane().rules->hints.fields().empty()) return;
  constexpr std::string_view status_line = "HTTP/1.1 103 Early Hints\r\n";
  constexpr std::string_view end = "\r\n";
  const std::string_view fields = lane().rules->hints.fields();
  HeadBlock& block = empty_block(status_line.size() + fields.size() + end.size());
  for (const std::string_view part : {status_line, fields, end}) block.append(part);
  lane().rules->hints.clear();
}

// An interim response goes out before its block is needed for another one. What a rule answers goes behind it
// at once.
Stream::Step HttpExchange::send_interim() {
  if (stream_.phase_deadline_ <= lane().now) return stream_.begin_close(logfmt::EndReason::request_timeout);
  send(response_, *stream_.session_);
  stream_.update_timer();
  return Step::wait;
}

// Its head, and of its body what has come.
Stream::Step HttpExchange::request_read() {
  const bool speaking = response_.pending() || stream_.session_->send.in_flight;
  if (speaking && ruled_status_ == 0) return send_interim();
  scan(request_);
  if (request_.error != proto::HttpError::none) return refuse_request(request_.error, 0);
  if (monitored_) return begin_reply(monitor_fails_ ? 503 : 200, logfmt::EndReason::completed);
  if (too_early_) return begin_reply(425, logfmt::EndReason::request_too_early);
  if (ruled_status_ != 0) return replies_ ? hold_reply() : reply_by_rule();
  if (awaits_key()) {
    if (stream_.phase_deadline_ <= lane().now) return begin_reply(408, logfmt::EndReason::request_timeout);
    stream_.arm_receive(stream_.to_server_, *stream_.session_);
    return Step::wait;
  }
  join_body_to_head();
  stream_.phase_deadline_ = base::time_never;
  stream_.phase_ = Stream::Phase::choosing;
  return Step::next;
}

void HttpExchange::join_body_to_head() {
  io::BufferQueue& queue = stream_.to_server_.queue;
  io::BufferPool& buffers = lane().ring->buffers();
  if (request_.cleared == 0 || request_.cleared > joined_body_bytes_max) return;
  const std::string_view front = io::text_of(queue.front(buffers));
  if (front.size() < request_.cleared || request_.block->room().size() < request_.cleared) return;
  request_.block->append(front.substr(0, request_.cleared));
  queue.consume(buffers, static_cast<std::uint32_t>(request_.cleared));
  request_.cleared = 0;
}

// What was sent of it is still there, and sending it again does no harm that sending it once would not.
bool HttpExchange::request_intact() const {
  return !request_.body_sent;
}
bool HttpExchange::may_be_repeated() const {
  return request_intact() && is_idempotent(method_);
}

bool HttpExchange::client_left() {
  if (!stream_.to_server_.source_ended) return false;
  scan(request_);
  return request_.state != HttpMessage::State::complete || stream_.backend_config().http.abort_on_close;
}

}  // namespace corelane::proxy
