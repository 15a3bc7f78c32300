// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <utility>

#include "proxy/lane_state.hpp"
#include "proxy/peer_io.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

Stream::Step Stream::forward() {
  if (broken_peer() != nullptr) return forward_after_break();
  if (server_dropped_) return forward_without_server();
  pump(to_server_, *session_, *server_);
  if (response_held_) {
    const Step step = inspect_server();
    if (step != Step::wait || broken_peer() == nullptr) return step;
  } else {
    pump(to_client_, *server_, *session_);
  }
  if (broken_peer() != nullptr) return forward_after_break();
  if (to_server_.sink_ended && (to_client_.sink_ended || resets_server_) && StreamTls::closes_quietly(*this))
    return begin_close(logfmt::EndReason::completed);
  return Step::wait;
}

// One connection failed. What it had sent before is still delivered, then the other one is reset as well.
// What the other one still says is read and dropped: it may not read before it has written.
Stream::Step Stream::forward_after_break() {
  const bool client_broke = broken_peer() == session_;
  Peer& source = client_broke ? static_cast<Peer&>(*session_) : *server_;
  Peer& sink = client_broke ? static_cast<Peer&>(*server_) : *session_;
  Flow& flow = flow_from(source);
  if (response_held_ && !client_broke) return inspect_server();
  if (!flow.sink_ended) pump(flow, source, sink);
  if (flow.source_ended && flow.drained() && !sink.send.in_flight) return begin_close(reason_);
  arm_receive(flow_from(sink), sink);
  return Step::wait;
}

void Stream::pump(Flow& flow, Peer& source, Peer& sink) {
  if (flow.mode == Flow::Mode::splicing) {
    pump_splicing(flow, source, sink);
  } else {
    pump_copying(flow, source, sink);
  }
  if (flow.source_ended && flow.drained() && !sink.send.in_flight && !flow.sink_ended &&
      !keeps_end_back(sink))
    finish_direction(flow, sink);
}

void Stream::pump_copying(Flow& flow, Peer& source, Peer& sink) {
  if (!sink.send.in_flight && !flow.queue.empty()) {
    sink.send.handler = &Stream::on_send;
    peer_send(lane_, sink, flow.queue.front(lane_.ring->buffers()));
  }
  if (flow.source_ended || source.receive.in_flight) return;
  if (flow.full_run >= flow_full_run_to_splice && flow.mode == Flow::Mode::copying && !flow.splice_refused &&
      lane_.pipes.enabled() && !StreamTls::ends_here(*this)) {
    flow.mode = Flow::Mode::entering_splice;
  }
  if (flow.mode == Flow::Mode::entering_splice) {
    if (!flow.queue.empty() || sink.send.in_flight) return;
    if (enter_splice(flow)) {
      pump_splicing(flow, source, sink);
      return;
    }
  }
  if (flow.starved && StreamTls::relays(*this)) {
    pump_starved(flow, source, sink);
  } else {
    arm_receive(flow, source);
  }
}

void Stream::arm_receive(Flow& flow, Peer& source) {
  if (flow.source_ended || source.receive.in_flight) return;
  if (flow.starved) return await_reserved(flow, source);
  if (flow.queue.count() >= flow_leases_max) return;
  await_source(source);
  source.receive.handler = &Stream::on_receive;
  peer_receive(lane_, source, flow_receive_cap_buffers * lane_.ring->buffers().buffer_size());
}

// The source may speak again: its time begins now, unless we have waited for it all along.
void Stream::await_source(Peer& source) {
  if (!source.read_until_now(lane_.now) && flow_to(source).drained()) source.last_activity = lane_.now;
}

// Everything was delivered and the source has said its last word: so says the sink's peer now. When both
// directions are through, the close says it.
void Stream::finish_direction(Flow& flow, Peer& sink) {
  flow.sink_ended = true;
  sink.last_activity = lane_.now;
  if (flow.loan != nullptr) leave_splice(flow);
  const bool resets = resets_server_ && (sink.tls == nullptr || sink.side == Side::server);
  if (broken_peer() != nullptr || resets) return;
  if (flow_from(sink).sink_ended && sink.tls == nullptr) return;
  peer_end(lane_, sink);
  update_timer();
}

void Stream::count_received(Flow& flow, Peer& source, std::uint64_t bytes, bool first_pending) {
  flow.bytes += bytes;
  // After a break only what the other side takes is a sign of life.
  if (broken_peer() == nullptr || broken_peer() == &source) source.last_activity = lane_.now;
  stats::FrontendCounters& frontend = lane_.counters.frontend(session_->frontend);
  const bool in = source.side == Side::client;
  (in ? frontend.bytes_in : frontend.bytes_out).add(bytes);
  if (in_backend_) {
    stats::BackendCounters& backend = lane_.counters.backend(backend_);
    (in ? backend.bytes_in : backend.bytes_out).add(bytes);
  }
  if (server_index_ != config::no_index) {
    stats::ServerCounters& server = lane_.counters.server(backend_, server_index_);
    (in ? server.bytes_in : server.bytes_out).add(bytes);
  }
  if (first_pending && phase_ == Phase::forwarding) await_sink(in ? static_cast<Peer&>(*server_) : *session_);
}

// A side that is not read from is waited for again as soon as something is there to be sent to it.
void Stream::await_sink(Peer& sink) {
  if (sink.receive.in_flight) return;
  sink.last_activity = lane_.now;
  update_timer();
}

void Stream::on_receive(io::Op& op, io::Completion& completion) {
  Peer& peer = op.as<Peer>();
  Stream& stream = *peer.stream;
  Flow& flow = stream.flow_from(peer);
  if (!completion.more) peer.came_back_from_reading(stream.lane_.now);
  // An idle connection was waited for without a buffer.
  if (completion.result > 0 && !completion.lease) return on_source_ready(op, completion);
  if (stream.phase_ == Phase::closing) {
    stream.advance();
    return;
  }
  if (completion.result > 0) {
    const std::uint32_t bytes = completion.lease.size();
    const bool first_pending = flow.nothing_pending();
    flow.left_in_source = false;
    const bool full = bytes == stream.lane_.ring->buffers().buffer_size();
    flow.full_run =
        full ? static_cast<std::uint8_t>(flow.full_run + (flow.full_run < flow_full_run_to_splice)) : 0;
    // Towards a broken connection nothing can be delivered any more.
    if (stream.broken_peer() == nullptr || stream.broken_peer() == &peer)
      flow.queue.push(std::move(completion.lease));
    stream.count_received(flow, peer, bytes, first_pending);
    // Many small messages faster than the other side takes them, or while there is no other side yet.
    if (flow.queue.count() >= flow_leases_cancel && peer.tls == nullptr)
      stream.lane_.ring->cancel(peer.receive);
  } else if (completion.result == 0) {
    if (StreamTls::cut_short(stream, peer)) {
      stream.broken(peer, ECONNRESET, true);
    } else {
      flow.source_ended = true;
      peer.last_activity = stream.lane_.now;
      if (stream.phase_ == Phase::forwarding) stream.update_timer();
    }
  } else if (completion.result == -ENOBUFS) {
    flow.starved = flow.source_ready = flow.sink_ready = true;
    stream.park();
  } else if (completion.result != -ECANCELED) {
    stream.broken(peer, -completion.result, true);
  }
  stream.advance();
}

void Stream::on_send(io::Op& op, io::Completion& completion) {
  Peer& peer = op.as<Peer>();
  Stream& stream = *peer.stream;
  Flow& flow = stream.flow_to(peer);
  if (completion.result > 0) {
    flow.queue.consume(stream.lane_.ring->buffers(), static_cast<std::uint32_t>(completion.result));
    peer.last_activity = stream.lane_.now;
  } else if (completion.result != -ECANCELED && stream.phase_ != Phase::closing) {
    stream.broken(peer, completion.result == 0 ? EPIPE : -completion.result, false);
  }
  stream.advance();
}

// The first break gives the reason. What waits for the broken connection is dropped; what came from it is
// kept for the other one. If that breaks as well, nothing is left to deliver.
void Stream::broken(Peer& peer, int error, bool while_receiving) {
  if (while_receiving) flow_from(peer).source_ended = true;
  if (peer.tls != nullptr) StreamTls::note_fault(*this, peer);
  // What the exchange makes of it depends on what was said before.
  if (speaks_http_ && peer.side == Side::server && phase_ != Phase::forwarding) {
    if (while_receiving) {
      server_broke_ = true;
    } else {
      server_refuses_ = true;
    }
    error_number_ = static_cast<std::int16_t>(error);
    return;
  }
  if (broken_peer() == nullptr) {
    broken_ = peer.side == Side::client ? Broken::client : Broken::server;
    error_number_ = static_cast<std::int16_t>(error);
    reason_ = StreamTls::break_reason(peer);
  } else if (broken_peer() != &peer) {
    flow_to(peer).source_ended = true;
  }
  Flow& undeliverable = flow_to(peer);
  if (!peer.send.in_flight) undeliverable.queue.clear(lane_.ring->buffers());
  if (undeliverable.loan != nullptr) leave_splice(undeliverable);
  undeliverable.starved = false;
}

}  // namespace corelane::proxy
