// SPDX-License-Identifier: Apache-2.0
// What of a request decides on its server.
#include <algorithm>
#include <charconv>

#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

std::string_view header_of(const void* head, std::string_view name) {
  const proto::HttpField* field = static_cast<const proto::HttpRequestHead*>(head)->fields.find(name);
  return field == nullptr ? std::string_view() : field->value;
}

/// What is there of the body's first chunk, whose framing was found sound.
std::string_view first_chunk(std::string_view body) {
  std::uint64_t size = 0;
  const auto digits = std::from_chars(body.data(), body.data() + body.size(), size, 16);
  if (digits.ec != std::errc()) return {};
  const std::size_t line_end = body.find('\n');
  return line_end == std::string_view::npos ? std::string_view() : body.substr(line_end + 1).substr(0, size);
}

}  // namespace

// From the head: its views will be gone when the server is chosen.
void HttpExchange::note_key(const proto::HttpRequestHead& head) {
  const ServerChoice& choice = lane().choices[stream_.backend_];
  const config::Balance& balance = stream_.backend_config().balance;
  key_ = choice.key_of({.client = &stream_.session_->endpoint,
                        .target = head.target,
                        .path_and_query = head.path_and_query,
                        .header = header_of,
                        .head = &head});
  // Who waits for a 100 sends no body before a server has said so.
  key_in_body_ = balance.check_post && !key_ && method_ == proto::HttpMethod::post &&
                 (!head.expect_continue || continue_sent_) && head.framing != proto::HttpFraming::none;
  chunked_ = head.framing == proto::HttpFraming::chunked;
}

// Until the body is complete, or as much of it as a stream may hold back is there.
bool HttpExchange::awaits_key() {
  Flow& flow = stream_.to_server_;
  if (!key_in_body_) return false;
  const bool all_there = request_.state == HttpMessage::State::complete || flow.source_ended;
  if (!all_there && !flow.starved && flow.queue.count() < flow_leases_max) return true;
  std::string_view body = io::text_of(flow.queue.at(lane().ring->buffers(), 0)).substr(0, request_.cleared);
  if (chunked_) body = first_chunk(body);
  key_ = lane().choices[stream_.backend_].key_of({.client = &stream_.session_->endpoint, .body = body});
  key_in_body_ = false;
  return false;
}

}  // namespace corelane::proxy
