// SPDX-License-Identifier: Apache-2.0
// Answers of our own.
#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/http_rules.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/tracking.hpp"

namespace corelane::proxy {

namespace {

constexpr std::size_t connection_field_bytes_max = 32;

std::uint16_t status_of(logfmt::EndReason reason) {
  using logfmt::EndReason;
  switch (reason) {
    case EndReason::internal_error:
    case EndReason::destination_unknown:
    case EndReason::destination_is_self:
      return 500;
    default:
      return 503;
  }
}

}  // namespace

// For a response of so many bytes, behind an interim one that has not gone yet.
HeadBlock& HttpExchange::empty_block(std::size_t bytes) {
  HeadBlock* const before = response_.block;
  const std::string_view unsent = before != nullptr ? before->unsent() : std::string_view();
  response_.block = &lane().http->head_blocks.take(unsent.size() + bytes);
  response_.block->append(unsent);
  HeadBlock* released = before;
  lane().http->head_blocks.release(released);
  return *response_.block;
}

Stream::Step HttpExchange::fail(logfmt::EndReason reason) {
  if (reason == logfmt::EndReason::client_aborted_connect) return stream_.begin_close(reason);
  return begin_reply(status_of(reason), reason);
}

// Nothing of a response has gone to the client. What of the request is still to come would be taken for the
// next one: the connection ends then.
Stream::Step HttpExchange::begin_reply(std::uint16_t status, logfmt::EndReason reason) {
  const ErrorPages& pages = lane().shared.error_pages;
  return begin_reply(status, reason, pages.page(stream_.session_->frontend, stream_.backend_, status).view());
}

Stream::Step HttpExchange::begin_reply(std::uint16_t status, logfmt::EndReason reason, const PageView& page) {
  prepare_reply(status, reason, page);
  stream_.session_->last_activity = lane().now;
  stream_.phase_deadline_ = base::time_never;
  return stream_.give_up_server(Stream::Phase::replying);
}

void HttpExchange::prepare_reply(std::uint16_t status, logfmt::EndReason reason, const PageView& page) {
  end_rule_wait();
  reply_reason_ = reason;
  reply_phase_ = end_phase();
  status_ = static_cast<std::int16_t>(status);
  replies_ = true;
  // Whoever reads the answer may look: it is counted by then.
  count_tracked_end(lane(), stream_, reason);
  client_stays_ = client_stays_ && request_.state == HttpMessage::State::complete && request_.cleared == 0 &&
                  refusal_ == proto::HttpError::none && !lane().draining;
  compose_reply(page);
  response_.state = HttpMessage::State::complete;
  response_.cleared = 0;
}

// In the call that has judged the message.
Stream::Step HttpExchange::reply_by_rule() {
  const ErrorPages& pages = lane().shared.error_pages;
  using logfmt::EndReason;
  PageView answer = lane().rules->answer;
  EndReason reason = EndReason::answered_locally;
  // One without a text that closes is an empty error file.
  const bool none = answer.text.empty() && !answer.closes;
  if (none || lane().rules->refuses)
    reason = response_read_at_ >= 0 ? EndReason::response_denied : EndReason::request_denied;
  if (none) answer = pages.page(stream_.session_->frontend, stream_.backend_, ruled_status_).view();
  if (!held_) return begin_reply(ruled_status_, reason, answer);
  const config::Frontend& frontend = stream_.frontend_config();
  const std::int64_t own_ms = frontend.timeouts.tarpit_ms;
  prepare_reply(ruled_status_, reason, answer);
  reply_phase_ = logfmt::EndPhase::tarpit;
  stream_.phase_deadline_ =
      lane().deadline_in(own_ms != 0 ? own_ms : stream_.backend_config().timeouts.connect_ms);
  stream_.update_timer();
  return hold_reply();
}

// The client waits, or gives up.
Stream::Step HttpExchange::hold_reply() {
  Stream& stream = stream_;
  if (stream.to_server_.source_ended) return stream.begin_close(logfmt::EndReason::client_aborted);
  if (stream.phase_deadline_ <= lane().now) {
    stream.session_->last_activity = lane().now;
    stream.phase_deadline_ = base::time_never;
    return stream.give_up_server(Stream::Phase::replying);
  }
  stream.arm_receive(stream.to_server_, *stream.session_);
  return Step::wait;
}

// Rules have their say about the page's head. False: they have none, or what they want is not possible.
bool HttpExchange::compose_ruled_reply(const PageView& page) {
  RuleInput input = response_rule_input();
  if (lane().rules == nullptr || page.text.empty() || !has_after_rules(input)) return false;
  proto::HttpResponseHead& head = lane().http->response;
  proto::HttpHeadProgress progress;
  const proto::HttpRead read =
      proto::read_response_head(page.text, {}, proto::HttpMethod::get, head, progress);
  if (read.state != proto::HttpRead::State::head) return false;
  input.method = proto::HttpMethod::get;  // that the page's framing was read with
  proto::HttpHeadEdits& edits = lane().http->edits;
  edits.begin(head.bytes, lane().http->texts);
  if (!judge_after_response(input)) return false;
  status_ = static_cast<std::int16_t>(input.response->status);
  if (!client_stays_ && !page.closes) (void)edits.add_field("connection", "close");
  if (client_stays_ && version_ == proto::HttpVersion::http10)
    (void)edits.add_field("connection", "keep-alive");
  const std::string_view body =
      method_ != proto::HttpMethod::head ? page.text.substr(page.head_bytes) : std::string_view();
  HeadBlock& block = empty_block(edits.new_size() + body.size());
  if (edits.new_size() + body.size() > block.room().size()) return false;
  block.size += static_cast<std::uint32_t>(edits.write_to(block.room()));
  block.append(body);
  return true;
}

// The page goes out as it is, apart from what it has to say about the connection.
void HttpExchange::compose_reply(const PageView& page) {
  const std::string_view text = page.text;
  client_stays_ = client_stays_ && !page.closes;
  if (compose_ruled_reply(page)) return;
  HeadBlock& block = empty_block(text.size() + connection_field_bytes_max);
  block.append(text.substr(0, page.status_line_bytes));
  if (!client_stays_ && !page.closes) block.append("connection: close\r\n");
  if (client_stays_ && version_ == proto::HttpVersion::http10) block.append("connection: keep-alive\r\n");
  const bool with_body = method_ != proto::HttpMethod::head;
  block.append(text.substr(0, with_body ? text.npos : page.head_bytes).substr(page.status_line_bytes));
}

Stream::Step HttpExchange::reply() {
  Stream& stream = stream_;
  if (stream.broken_peer() != nullptr) return stream.begin_close(stream.reason_);
  send(response_, *stream.session_);
  if (response_.delivered() && !stream.session_->send.in_flight) return finish();
  if (client_deadline() <= lane().now) return stream.begin_close(logfmt::EndReason::client_timeout);
  stream.update_timer();
  stream.arm_receive(stream.to_server_, *stream.session_);
  return Step::wait;
}

}  // namespace corelane::proxy
