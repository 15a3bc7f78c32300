// SPDX-License-Identifier: Apache-2.0
#include "check/http_answer.hpp"

#include <algorithm>

#include "check/websocket.hpp"

namespace corelane::check {
namespace {

constexpr std::uint8_t every_laxity() {
  std::uint8_t bits = 0;
  for (const proto::HttpLaxityRow& row : proto::http_laxity_rows)
    bits |= static_cast<std::uint8_t>(row.laxity);
  return bits;
}

constexpr proto::HttpReadOptions read_options{.limits = {}, .accept_invalid = every_laxity()};

}  // namespace

void HttpAnswer::begin(proto::HttpMethod method) {
  state_ = State::head;
  method_ = method;
  has_head_ = false;
  interim_answers_ = 0;
  head_bytes_.clear();
  progress_ = {};
  body_.clear();
}

HttpAnswer::State HttpAnswer::read(Input& input) {
  while (state_ == State::head && !input.rest().empty()) read_head(input);
  if (state_ == State::body) read_body(input);
  return state_;
}

void HttpAnswer::read_head(Input& input) {
  const std::size_t before = head_bytes_.size();
  head_bytes_ += input.rest();
  const proto::HttpRead read =
      proto::read_response_head(head_bytes_, read_options, method_, head_, progress_);
  if (read.state == proto::HttpRead::State::error) {
    fail(proto::http_error_row(read.error).name);
    return;
  }
  if (read.state == proto::HttpRead::State::need_more) {
    input.use(head_bytes_.size() - before);
    return;
  }
  input.use(read.consumed - before);
  if (head_.status >= 200 || head_.status == switching_protocols) {
    head_bytes_.resize(read.consumed);
    begin_body();
  } else if (++interim_answers_ > http_interim_answers_max) {
    fail("too_many_interim_answers");
  } else {
    head_bytes_.clear();
    progress_ = {};
  }
}

void HttpAnswer::begin_body() {
  has_head_ = true;
  reader_.begin(head_.framing, head_.content_length, read_options.limits);
  state_ = reader_.complete() ? State::complete : State::body;
}

// The reader tells the data of chunks from what is around it by saying how much may pass unseen; the lines
// around it go through it byte by byte.
void HttpAnswer::read_body(Input& input) {
  while (!reader_.complete() && !input.rest().empty()) {
    const std::uint64_t opaque = reader_.opaque_remaining();
    if (opaque > 0) {
      const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(opaque, input.rest().size()));
      keep(input.rest().substr(0, size));
      reader_.skip(size);
      input.use(size);
      continue;
    }
    const proto::HttpBodyReader::Result result = reader_.read(input.rest().substr(0, 1));
    if (result.state == proto::HttpBodyReader::Result::State::error) {
      fail(proto::http_error_row(result.error).name);
      return;
    }
    input.use(result.consumed);
  }
  const bool ends_with_connection = head_.framing == proto::HttpFraming::until_close;
  if (reader_.complete() || (input.ended && ends_with_connection)) state_ = State::complete;
}

void HttpAnswer::keep(std::string_view data) {
  body_ += data.substr(0, http_body_bytes_max - body_.size());
}

void HttpAnswer::fail(std::string_view fault) {
  state_ = State::broken;
  fault_ = fault;
}

}  // namespace corelane::check
