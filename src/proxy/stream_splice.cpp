// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <utility>

#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

namespace {
// A flow that used its pipe more recently than this keeps it, though others want one.
constexpr base::TimeUs pipe_idle_us = 20'000;
}  // namespace

// Takes a free pipe, or that of the flow that has not used its own for longest.
bool Stream::enter_splice(Flow& flow) {
  flow.mode = Flow::Mode::copying;
  flow.full_run = 0;
  PipeLoan* loan = lane_.pipes.borrow(flow);
  if (loan == nullptr) {
    PipeLoan* idle = lane_.pipes.longest_unused();
    if (idle != nullptr && idle->bytes == 0 && lane_.now - idle->used_at > pipe_idle_us) {
      leave_splice(*idle->flow);
      loan = lane_.pipes.borrow(flow);
    }
  }
  if (loan == nullptr) {
    lane_.lane_counters().pipes_exhausted.add();
    return false;
  }
  loan->used_at = lane_.now;
  flow.loan = loan;
  flow.mode = Flow::Mode::splicing;
  flow.small_run = 0;
  flow.source_ready = flow.sink_ready = true;
  flow.starved = false;
  lane_.lane_counters().splice_flows.add();
  lane_.lane_counters().splice_flows_total.add();
  return true;
}

// An operation that waits for readiness stays in flight: when it comes back, the flow is found copying.
void Stream::leave_splice(Flow& flow) {
  lane_.pipes.give_back(std::exchange(flow.loan, nullptr));
  flow.mode = Flow::Mode::copying;
  flow.full_run = 0;
  lane_.lane_counters().splice_flows.subtract();
}

// One step in, one step out, then wait until either is ready again: what gathers meanwhile makes the next
// step larger.
void Stream::pump_splicing(Flow& flow, Peer& source, Peer& sink) {
  if (flow.loan->bytes == 0 && flow.source_ready && !flow.source_ended)
    fill_pipe(flow, source, flow.loan->pipe.capacity);
  if (flow.loan != nullptr && flow.loan->bytes > 0 && flow.sink_ready) drain_pipe(flow, sink);
  if (flow.loan == nullptr) {
    if (broken_peer() != &sink) arm_receive(flow, source);
    return;
  }
  await_pipe(flow, source, sink);
}

void Stream::await_pipe(Flow& flow, Peer& source, Peer& sink) {
  if (flow.loan->bytes > 0) {
    if (sink.send.in_flight) return;
    sink.send.handler = &Stream::on_sink_ready;
    lane_.ring->poll(sink.send, sink.socket, io::Readiness::writable);
  } else if (!flow.source_ended && !source.receive.in_flight) {
    await_source(source);
    source.receive.handler = &Stream::on_source_ready;
    lane_.ring->poll(source.receive, source.socket, io::Readiness::readable);
  }
}

// Leaves the pipe when the kernel cannot splice these sockets, and when the flow has become a trickle.
void Stream::fill_pipe(Flow& flow, Peer& source, std::size_t bytes_max) {
  flow.source_ready = false;
  const std::int64_t moved = io::splice_socket_to_pipe(source.socket, flow.loan->pipe, bytes_max);
  if (moved == -EAGAIN || moved == -EINTR) return;
  if (moved == -EINVAL) {
    flow.splice_refused = true;
    leave_splice(flow);
    return;
  }
  if (moved < 0) {
    broken(source, static_cast<int>(-moved), true);
    return;
  }
  if (moved == 0) {
    source_at_end(flow, source);
    return;
  }
  flow.loan->bytes = static_cast<std::uint32_t>(moved);
  flow.loan->used_at = lane_.now;
  lane_.pipes.touch(*flow.loan);
  lane_.lane_counters().splice_bytes.add(static_cast<std::uint64_t>(moved));
  count_received(flow, source, static_cast<std::uint64_t>(moved), true);
  const bool small = moved < lane_.ring->buffers().buffer_size();
  flow.small_run = small ? static_cast<std::uint8_t>(flow.small_run + 1) : 0;
}

// A synchronous read found the end. A reset that a send has reported already looks like one to whoever asks
// next; that send's answer may still be on its way to us.
void Stream::source_at_end(Flow& flow, Peer& source) {
  if (!flow_to(source).sink_ended && io::socket_peer_state(source.socket).gone) {
    broken(source, ECONNRESET, true);
    return;
  }
  flow.source_ended = true;
  source.last_activity = lane_.now;
  update_timer();
}

void Stream::drain_pipe(Flow& flow, Peer& sink) {
  PipeLoan& loan = *flow.loan;
  const std::int64_t moved = io::splice_pipe_to_socket(loan.pipe, sink.socket, loan.bytes, false);
  if (moved == -EAGAIN || moved == -EINTR) {
    flow.sink_ready = false;
    return;
  }
  if (moved <= 0) {
    broken(sink, moved == 0 ? EPIPE : static_cast<int>(-moved), false);
    return;
  }
  loan.bytes -= static_cast<std::uint32_t>(moved);
  sink.last_activity = lane_.now;
  flow.sink_ready = loan.bytes == 0;
  if (loan.bytes == 0 && flow.small_run >= flow_small_run_to_copy) leave_splice(flow);
}

void Stream::on_source_ready(io::Op& op, io::Completion& completion) {
  Peer& peer = op.as<Peer>();
  Stream& stream = *peer.stream;
  peer.came_back_from_reading(stream.lane_.now);
  // An error stands in the socket: the next splice or receive reports it.
  if (completion.result != -ECANCELED) {
    Flow& flow = stream.flow_from(peer);
    flow.source_ready = true;
    if (stream.receive_reserved(op, flow, peer)) return;
  }
  stream.advance();
}

void Stream::on_sink_ready(io::Op& op, io::Completion& completion) {
  Peer& peer = op.as<Peer>();
  Stream& stream = *peer.stream;
  if (completion.result != -ECANCELED) stream.flow_to(peer).sink_ready = true;
  stream.advance();
}

}  // namespace corelane::proxy
