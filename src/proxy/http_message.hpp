// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "proto/http_body.hpp"
#include "proto/http_head.hpp"
#include "proxy/flow.hpp"
#include "proxy/head_block.hpp"

namespace corelane::proxy {

/// One message, request or response, on its way from a flow's source to its sink. Its head is sent from
/// `block`, or where it was received; its body is always sent where it was received: from the front of the
/// flow's queue, of which only `cleared` bytes belong to the message and have been found sound.
struct HttpMessage {
  enum class State : std::uint8_t { head, body, complete };

  explicit HttpMessage(Flow& flow_in) : flow(flow_in) {}

  /// Something is there to be sent.
  bool pending() const noexcept {
    return cleared != 0 || (block != nullptr && !block->unsent().empty()) ||
           (flow.loan != nullptr && flow.loan->bytes != 0);
  }
  /// All of it was read, and all of that was sent.
  bool delivered() const noexcept { return state == State::complete && !pending(); }

  Flow& flow;
  HeadBlock* gathered = nullptr;  // what came of a head that comes in pieces
  HeadBlock* block = nullptr;     // of a request: kept until the exchange ends
  std::uint64_t cleared = 0;
  std::uint64_t bytes = 0;  // sent
  proto::HttpBodyReader body;
  proto::HttpHeadProgress progress;
  State state = State::head;
  proto::HttpError error = proto::HttpError::none;  // of the body
  bool body_sent = false;                           // some of it is gone: the message cannot be sent again
};

}  // namespace corelane::proxy
