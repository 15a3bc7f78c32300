// SPDX-License-Identifier: Apache-2.0
// Receiving a body, and passing long stretches of it through a pipe.
#include <algorithm>

#include "proxy/http_exchange.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

namespace {

// A pipe is worth its system calls for a stretch at least so long that nobody has to look at.
constexpr std::uint64_t spliced_bytes_min = 128 * 1024;

}  // namespace

bool HttpExchange::may_splice(const HttpMessage& message) const {
  const Flow& flow = message.flow;
  return message.state == HttpMessage::State::body && flow.full_run >= flow_full_run_to_splice &&
         !flow.splice_refused && stream_.lane_.pipes.enabled() &&
         message.body.opaque_remaining() >= spliced_bytes_min && !StreamTls::ends_here(stream_);
}

// What the source is asked for next. A complete message's source is still listened to: a client may leave.
void HttpExchange::receive(HttpMessage& message, Peer& source, Peer& sink) {
  Flow& flow = message.flow;
  if (flow.loan != nullptr) {
    pump_splicing(message, source, sink);
    return;
  }
  if (flow.mode == Flow::Mode::copying && may_splice(message)) flow.mode = Flow::Mode::entering_splice;
  if (flow.mode == Flow::Mode::entering_splice && !source.receive.in_flight) {
    if (message.pending() || sink.send.in_flight) return;
    if (may_splice(message) && stream_.enter_splice(flow)) {
      pump_splicing(message, source, sink);
      return;
    }
    flow.mode = Flow::Mode::copying;
    flow.full_run = 0;
  }
  stream_.arm_receive(flow, source);
}

// As a TCP connection's, but for the end of the stretch.
void HttpExchange::pump_splicing(HttpMessage& message, Peer& source, Peer& sink) {
  Flow& flow = message.flow;
  if (flow.loan->bytes == 0 && flow.source_ready && !flow.source_ended) {
    const std::uint64_t stretch = message.body.opaque_remaining();
    stream_.fill_pipe(flow, source,
                      static_cast<std::size_t>(std::min<std::uint64_t>(stretch, flow.loan->pipe.capacity)));
    if (flow.loan == nullptr) return stream_.arm_receive(flow, source);
    message.body.skip(flow.loan->bytes);
    if (message.body.complete()) message.state = HttpMessage::State::complete;
    if (flow.loan->bytes != 0) begin_waiting_for(message);
  }
  const std::uint32_t waiting = flow.loan->bytes;
  if (waiting != 0 && flow.sink_ready && !sink.send.in_flight) {
    stream_.drain_pipe(flow, sink);
    message.body_sent = true;
    message.bytes += waiting - (flow.loan == nullptr ? 0 : flow.loan->bytes);
  }
  if (flow.loan != nullptr && flow.loan->bytes == 0 && message.body.opaque_remaining() == 0)
    stream_.leave_splice(flow);
  if (flow.loan != nullptr) {
    stream_.await_pipe(flow, source, sink);
  } else {
    stream_.arm_receive(flow, source);
  }
}

}  // namespace corelane::proxy
