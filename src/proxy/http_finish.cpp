// SPDX-License-Identifier: Apache-2.0
// The end of an exchange: the one place where it is counted and logged.
#include <algorithm>

#include "logfmt/log_choice.hpp"
#include "proxy/end_counts.hpp"
#include "proxy/http_captures.hpp"
#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/log_values.hpp"

namespace corelane::proxy {

logfmt::EndPhase HttpExchange::end_phase() const {
  switch (stream_.phase_) {
    case Stream::Phase::reading_header:
    case Stream::Phase::inspecting:
    case Stream::Phase::reading_request:
      return logfmt::EndPhase::request;
    case Stream::Phase::queueing:
      return logfmt::EndPhase::queue;
    case Stream::Phase::exchanging:
      return response_.state == HttpMessage::State::head ? logfmt::EndPhase::headers : logfmt::EndPhase::data;
    case Stream::Phase::forwarding:
      return logfmt::EndPhase::data;
    case Stream::Phase::replying:
    case Stream::Phase::releasing:
      return reply_phase_;
    default:
      return logfmt::EndPhase::connect;
  }
}

bool HttpExchange::server_connection_reusable() const {
  const Stream& stream = stream_;
  return server_stays_ && !replies_ && request_.delivered() && response_.delivered() &&
         !stream.server_broke_ && !stream.server_refuses_ && !stream.to_client_.source_ended &&
         stream.to_client_.queue.empty() && !stream.server_->send.in_flight && !lane().draining;
}

// A server that answered early may not have wanted all of the request: the rest must not be taken for another
// one.
void HttpExchange::drop_rest_of_request() {
  io::BufferQueue& queue = stream_.to_server_.queue;
  io::BufferPool& buffers = lane().ring->buffers();
  while (request_.cleared != 0) {
    const std::uint64_t bytes = std::min<std::uint64_t>(request_.cleared, queue.front(buffers).size());
    queue.consume(buffers, static_cast<std::uint32_t>(bytes));
    request_.cleared -= bytes;
  }
}

Stream::Step HttpExchange::finish() {
  Stream& stream = stream_;
  drop_rest_of_request();
  const logfmt::EndReason reason = replies_ ? reply_reason_ : logfmt::EndReason::completed;
  if (wants_log()) write_log(describe(reason, replies_ ? reply_phase_ : logfmt::EndPhase::finished));
  count_end(reason);
  const bool stays = client_stays_ && request_.state == HttpMessage::State::complete && !lane().draining;
  return stream.end_exchange(stays ? Stream::Phase::reading_request : Stream::Phase::lingering);
}

void HttpExchange::log_end(logfmt::EndReason reason, logfmt::EndPhase phase) {
  // A reply that could not be delivered keeps its reason.
  if (replies_ && reply_reason_ != logfmt::EndReason::completed) {
    reason = reply_reason_;
    phase = reply_phase_;
  }
  if (wants_log()) write_log(describe(reason, phase));
  count_end(reason);
}

void HttpExchange::count_end(logfmt::EndReason reason) {
  const Stream& stream = stream_;
  if (!replies_) count_tracked_end(lane(), stream, reason);
  count_tracked_bytes(lane(), stream, request_.bytes + (stream.tunnel_ ? stream.to_server_.bytes : 0),
                      response_.bytes + (stream.tunnel_ ? stream.to_client_.bytes : 0));
  end_stream_tracking(lane(), stream);
  HttpEnd end{.frontend = stream.session_->frontend,
              .request_read = request_read_at_ >= 0,
              .reason = reason,
              .status = status_,
              .response_read = response_read_at_ >= 0,
              .connection_used = connection_reused_};
  if (request_read_at_ >= 0 && !monitored_ && stream.in_backend_) end.backend = stream.backend_;
  if (stream.established_at_ >= 0) end.server = stream.server_index_;
  count_http_end(lane().counters, end);
}

bool HttpExchange::wants_log() const {
  return lane().log_wanted(stream_.session_->frontend) && !logged_ && !monitored_ &&
         effects_.log_level != config::LogLevel::silent;
}

// Whatever a log line may want of the exchange; text is made of it elsewhere.
logfmt::ConnectionRecord HttpExchange::describe(logfmt::EndReason reason, logfmt::EndPhase phase) const {
  const Stream& stream = stream_;
  const base::TimeUs now = lane().now;
  logfmt::ConnectionRecord record = stream.describe_end(reason, phase);
  if (request_read_at_ < 0 || !stream.in_backend_)
    record.backend = logfmt::no_index;  // it did not come so far
  record.accept_wall_us = idle_since_ + lane().options.wall_offset_us;
  record.total_us = now - idle_since_;
  record.queue_us = record.connect_us = -1;
  if (stream.chosen_at_ >= 0) record.queue_us = stream.chosen_at_ - request_read_at_;
  if (stream.chosen_at_ < 0 && phase == logfmt::EndPhase::queue) record.queue_us = now - request_read_at_;
  if (stream.established_at_ >= 0) record.connect_us = stream.established_at_ - stream.chosen_at_;
  const bool tunnel = stream.tunnel_;
  record.bytes_to_server = request_.bytes + (tunnel ? stream.to_server_.bytes : 0);
  record.bytes_to_client = response_.bytes + (tunnel ? stream.to_client_.bytes : 0);
  if (refusal_ != proto::HttpError::none) record.detail = proto::http_error_row(refusal_).name;
  if (stream.exchanges_ > 1) record.http.handshake_us = 0;  // the first one's
  if (began_at_ >= 0) record.http.idle_us = began_at_ - idle_since_ - record.http.handshake_us;
  if (request_read_at_ >= 0) record.http.request_us = request_read_at_ - began_at_;
  if (response_read_at_ >= 0) record.http.response_us = response_read_at_ - stream.established_at_;
  if (refusal_ != proto::HttpError::none)
    record.http.refusal_position = static_cast<std::int32_t>(refused_at_);
  record.http.request_number = stream.exchanges_;
  record.http.status = status_;
  record.http.server_connection_reused = connection_reused_;
  log_cookie(record.http);
  if (effects_.log_level) record.http.level = static_cast<std::int8_t>(*effects_.log_level);
  if (request_read_at_ >= 0) record.http.version = version_ == proto::HttpVersion::http10 ? 10 : 11;
  return record;
}

// The response's head is about to be sent, and what of its body came with it.
void HttpExchange::log_before_end() {
  if (!wants_log()) return;
  logfmt::ConnectionRecord record = describe(logfmt::EndReason::none, logfmt::EndPhase::data);
  record.http.before_end = true;
  record.bytes_to_client += response_.cleared;
  if (response_.block != nullptr) record.bytes_to_client += response_.block->unsent().size();
  write_log(record);
}

void HttpExchange::write_log(logfmt::ConnectionRecord record) {
  const config::Frontend& frontend = stream_.frontend_config();
  const logfmt::LogChoice choice{.dont_log_null = frontend.dont_log_null,
                                 .dont_log_normal = frontend.http.dont_log_normal};
  if (!logfmt::should_log(record, choice)) return;
  const RuleInput input{.lane = lane(),
                        .session = *stream_.session_,
                        .request_number = stream_.exchanges_,
                        .server_connection = stream_.server_,
                        .backend = stream_.in_backend_ ? stream_.backend_ : config::no_index,
                        .server = stream_.in_backend_ ? stream_.server_index_ : config::no_index,
                        .effects = &effects_};
  lane().write_log(record, with_log_values(input, record, log_text()));
  logged_ = record.http.before_end;
}

// Before a request has been read its texts are those of the head that the rules look at.
void HttpExchange::log_now(const RuleInput& input) {
  logfmt::ConnectionRecord record = describe(logfmt::EndReason::none, end_phase());
  std::string_view text = texts_.text();
  if (text.empty() && input.request != nullptr) {
    logfmt::HttpLogTextWriter texts(lane().rules->replaced);
    capture_request(stream_.frontend_config().http.capture, *input.request, texts);
    text = texts.text();
    record.http.request_us = lane().now - began_at_;
    record.http.version = input.request->version == proto::HttpVersion::http10 ? 10 : 11;
  }
  if (!text.empty()) text = with_captured_slots(lane(), stream_, stream_.session_->frontend, text);
  lane().write_log(record, with_log_values(input, record, text));
}

std::string_view HttpExchange::log_text() {
  if (request_read_at_ < 0) return {};
  if (texts_.text().empty()) return {};
  return with_captured_slots(lane(), stream_, stream_.session_->frontend, texts_.text());
}

}  // namespace corelane::proxy
