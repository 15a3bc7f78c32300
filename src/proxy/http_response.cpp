// SPDX-License-Identifier: Apache-2.0
// Reading a response, and making of it what the client gets.
#include "proxy/http_captures.hpp"
#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/http_rules.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

// wait: more has to come.
Stream::Step HttpExchange::read_response() {
  if (rules_wait_.waits()) return await_response_rules();
  while (!stream_.to_client_.queue.empty()) {
    const HeadSoFar head = head_so_far(response_);
    const proto::HttpRead read =
        proto::read_response_head(head.text, lane().http->response_options[stream_.backend_], method_,
                                  lane().http->response, response_.progress);
    if (read.state == proto::HttpRead::State::error) return refuse_response(read.error, read.position);
    if (read.state == proto::HttpRead::State::head)
      return take_response(static_cast<std::uint32_t>(read.consumed) - head.gathered, false);
    gather_head(response_);
  }
  return Step::wait;
}

Stream::Step HttpExchange::refuse_response(proto::HttpError error, std::size_t position) {
  refusal_ = error;
  refused_at_ = static_cast<std::uint32_t>(position);
  return server_failed(logfmt::EndReason::response_invalid, config::RetryReason::junk_response);
}

RuleInput HttpExchange::response_rule_input() {
  return {.lane = lane(),
          .session = *stream_.session_,
          .request_number = stream_.exchanges_,
          .server_connection = stream_.server_,
          .response = &lane().http->response,
          .method = method_,
          .backend = stream_.in_backend_ ? stream_.backend_ : config::no_index,
          .server = stream_.in_backend_ ? stream_.server_index_ : config::no_index,
          .effects = &effects_};
}

// `consumed`: bytes of the head at the front of the queue. Everything that depends on the head's views is
// done here: they are void afterwards.
// `resumed`: rules have waited, and go on.
Stream::Step HttpExchange::take_response(std::uint32_t consumed, bool resumed) {
  const proto::HttpResponseHead& original = lane().http->response;
  const bool interim = original.status < 200 && original.status != 101;
  if (original.status == 101 && !upgrade_wanted_) return refuse_response(proto::HttpError::bad_status, 0);
  if (!interim && !resumed && retries_status(original.status)) return retry_request();
  RuleInput rule_input = response_rule_input();
  if (!interim) {
    if (!resumed) note_response_read(original);
    if (resumed) rule_input.body = &response_;
    const Judged judged = judge_response(rule_input, rules_wait_);
    ruled_status_ = judged.status;
    if (judged.rejected) return stream_.begin_close(logfmt::EndReason::response_denied);
    if (rules_wait_.waits()) return hold_response(*rule_input.response, consumed);
    if (ruled_status_ != 0) return reply_by_rule();
    note_response(original, *rule_input.response);
    stick_to_server(rule_input);
  }
  response_.progress = {};
  if (interim && (version_ == proto::HttpVersion::http10 || (continue_sent_ && original.status == 100))) {
    drop_response_head(consumed);
    return Step::next;
  }
  if (!edit_response(rule_input, interim)) return begin_reply(500, logfmt::EndReason::internal_error);
  response_begun_ = true;
  if (original.status == 100) continue_awaited_ = false;
  if (!interim) status_ = static_cast<std::int16_t>(rule_input.response->status);
  send_response_head(rule_input, consumed);
  if (!interim && stream_.frontend_config().http.log_as_soon_as_possible) log_before_end();
  return Step::next;
}

void HttpExchange::note_response_read(const proto::HttpResponseHead& original) {
  forget_request_variables(lane(), stream_);
  response_read_at_ = lane().now;
  rules_wait_ = {};
  count_tracked_response(lane(), stream_, original.status);
  capture_response(stream_.frontend_config().http.capture, original, texts_);
  keep_response(lane(), stream_, *stream_.session_, original);
}

// What of a response that is final, or a 101, no rule changes.
void HttpExchange::note_response(const proto::HttpResponseHead& original,
                                 const proto::HttpResponseHead& head) {
  becomes_tunnel_ = head.status == 101 || (method_ == proto::HttpMethod::connect && head.status < 300);
  note_connections(original);
  response_.body.begin(original.framing, original.content_length,
                       lane().http->response_options[stream_.backend_].limits);
  response_.state = HttpMessage::State::body;
}

// Whether they serve further requests. Where the server does not wait for the rest of a request, the client
// has to be told that nobody does. Nor can that rest be told from a further request where the client may have
// kept it back: it was not asked to continue (RFC 9110, 10.1.1).
void HttpExchange::note_connections(const proto::HttpResponseHead& head) {
  const bool until_close = head.framing == proto::HttpFraming::until_close;
  const bool declined = upgrade_wanted_ && !becomes_tunnel_;
  const bool body_held_back = continue_awaited_ && request_.state != HttpMessage::State::complete;
  server_stays_ = server_stays_ && head.keep_alive && !until_close && !body_held_back &&
                  (!declined || connection_mode() == config::HttpConnection::keep_alive);
  const bool server_waits = server_stays_ && !stream_.server_refuses_ && !stream_.to_client_.source_ended;
  client_stays_ = client_stays_ && !until_close && !becomes_tunnel_ && !lane().draining &&
                  (server_waits || request_.state == HttpMessage::State::complete);
}

bool HttpExchange::retries_status(std::uint16_t status) const {
  const config::Backend& backend = stream_.backend_config();
  return backend.http.retry_on.has_status(status) && stream_.retries_ < backend.retries && request_intact() &&
         !response_begun_;
}

// An HTTP/1.0 client knows no interim responses (RFC 9110, 15.2).
void HttpExchange::drop_response_head(std::uint32_t consumed) {
  if (consumed != 0) stream_.to_client_.queue.consume(lane().ring->buffers(), consumed);
  lane().http->head_blocks.release(response_.gathered);
}

// False: rules want what is not possible.
bool HttpExchange::edit_response(RuleInput& input, bool interim) {
  const proto::HttpResponseHead& head = *input.response;
  proto::HttpHeadEdits& edits = lane().http->edits;
  edits.begin(head.bytes, lane().http->texts);
  (void)remove_hop_by_hop(head, edits);
  if (interim) return true;
  write_cookie(head);
  if (has_after_rules(input) && !judge_after_response(input)) return false;
  if (becomes_tunnel_) return true;
  if (!client_stays_) {
    (void)edits.add_field("Connection", "close");
  } else if (version_ == proto::HttpVersion::http10 || head.version == proto::HttpVersion::http10) {
    (void)edits.add_field("Connection", "keep-alive");
  }
  return true;
}

// The head changes where it lies, so that it leaves with what came behind it. Where it grows beyond the room
// before it, or was gathered, or rules have made another one of it, it leaves from a block.
void HttpExchange::send_response_head(const RuleInput& input, std::uint32_t consumed) {
  io::BufferQueue& queue = stream_.to_client_.queue;
  io::BufferPool& buffers = lane().ring->buffers();
  proto::HttpHeadEdits& edits = lane().http->edits;
  const std::size_t size = lane().http->response.bytes.size();
  if (response_.gathered == nullptr && input.response == &lane().http->response) {
    char* front = reinterpret_cast<char*>(queue.front_writable(buffers).data());
    char* begin = edits.apply_in_place(front + consumed - size, queue.front_room() + consumed - size);
    if (begin != nullptr) {
      const std::ptrdiff_t shift = begin - front;
      shift < 0 ? queue.grow_front(static_cast<std::uint32_t>(-shift))
                : queue.consume(buffers, static_cast<std::uint32_t>(shift));
      response_.cleared += static_cast<std::uint64_t>(static_cast<std::ptrdiff_t>(consumed) - shift);
      begin_waiting_for(response_);
      return;
    }
  }
  HeadBlock& block = empty_block(edits.new_size());
  block.size += static_cast<std::uint32_t>(edits.write_to(block.room()));
  drop_response_head(consumed);
  begin_waiting_for(response_);
}

}  // namespace corelane::proxy
