// SPDX-License-Identifier: Apache-2.0
// What a stream does while every buffer of its lane is taken.
#include <cerrno>

#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

// Bytes then go from socket to socket, and what the sink does not take stays with the kernel. So a direction
// never waits for anybody but its own two ends, whoever holds the buffers and for however long. The flow's
// own buffers go first.
void Stream::pump_starved(Flow& flow, Peer& source, Peer& sink) {
  if (sink.send.in_flight) return;
  if (flow.source_ready) relay(flow, source, sink);
  if (flow.source_ended || broken_peer() == &sink) return;
  if (flow.waits_in_source()) {
    sink.send.handler = &Stream::on_sink_ready;
    lane_.ring->poll(sink.send, sink.socket, io::Readiness::writable);
  } else if (!waits_for_buffer_) {
    flow.starved = false;
    arm_receive(flow, source);
  } else {
    await_source(source);
    source.receive.handler = &Stream::on_source_ready;
    lane_.ring->poll(source.receive, source.socket, io::Readiness::readable);
  }
}

// TLS and HTTP cannot pass on what they do not look at. A flow that holds nothing waits until there is
// something to read, and reads that into a buffer of the reserve, which has one for each: it waits for nobody
// else either.
void Stream::await_reserved(const Flow& flow, Peer& source) {
  if (StreamTls::relays(*this)) return;
  if (!flow.queue.empty() || lane_.ring->buffers().reserve_free() == 0) return;
  await_source(source);
  if (source.tls != nullptr) {
    source.receive.handler = &Stream::on_receive;
    source.tls->receive(true);
    return;
  }
  source.receive.handler = &Stream::on_source_ready;
  lane_.ring->poll(source.receive, source.socket, io::Readiness::readable);
}

// True when it was received, as if by the kernel: the stream may be gone.
bool Stream::receive_reserved(io::Op& op, const Flow& flow, Peer& source) {
  if (StreamTls::relays(*this) || phase_ == Phase::closing || flow.loan != nullptr || !flow.queue.empty())
    return false;
  io::Completion received;
  received.result = lane_.ring->receive_reserved(source.socket, received.lease);
  if (received.result == -EAGAIN || received.result == -EINTR || received.result == -ENOBUFS) return false;
  on_receive(op, received);
  return true;
}

void Stream::relay(Flow& flow, Peer& source, Peer& sink) {
  const bool first_pending = flow.nothing_pending();
  const io::Relayed relayed = io::socket_relay(source.socket, sink.socket, lane_.relay_scratch);
  flow.source_ready = flow.left_in_source = false;
  flow.sink_ready = true;
  if (relayed.found == -EAGAIN || relayed.found == -EINTR) return;
  if (relayed.found < 0) {
    broken(source, static_cast<int>(-relayed.found), true);
    return;
  }
  if (relayed.found == 0) {
    source_at_end(flow, source);
    return;
  }
  if (relayed.moved < 0 && relayed.moved != -EAGAIN && relayed.moved != -EINTR) {
    broken(sink, static_cast<int>(-relayed.moved), false);
    return;
  }
  flow.source_ready = flow.left_in_source = relayed.moved < relayed.found;
  flow.sink_ready = !flow.source_ready;
  if (first_pending) await_sink(sink);
  if (relayed.moved <= 0) return;
  count_received(flow, source, static_cast<std::uint64_t>(relayed.moved), false);
  sink.last_activity = lane_.now;
}

// Stands in line for a buffer, the longest waiting first.
void Stream::park() {
  if (waits_for_buffer_) return;
  count_waiting(true);
  unlink();
  lane_.streams_parked.push_back(*this);
}

// What waits in the source's socket waits for the sink: a buffer would not help it.
void Stream::resume_starved() {
  count_waiting(false);
  unlink();
  lane_.streams_active.push_back(*this);
  for (Flow* flow : {&to_server_, &to_client_}) {
    if (!flow->waits_in_source()) flow->starved = false;
  }
  advance();
}

void Stream::count_waiting(bool waits) {
  if (waits_for_buffer_ == waits) return;
  waits_for_buffer_ = waits;
  stats::Counter& waiting = lane_.lane_counters().buffers_waiting;
  waits ? waiting.add() : waiting.subtract();
}

}  // namespace corelane::proxy
