// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <utility>

#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

// Every server that would do is full: the stream lines up for the one that its algorithm insists on, or for
// any.
Stream::Step Stream::join_queue(std::uint32_t wanted_server) {
  ServerQueue* queue = lane_.queues[backend_].get();
  CORELANE_CHECK(queue != nullptr);  // only a server with a limit is ever full
  QueueBoard& board = queue->board();
  const bool bound = wanted_server != balance::no_server;
  queue_position_ = board.waiting(bound ? wanted_server : board.any_server());
  waiter_ = bound ? queue->join(*this, wanted_server) : nullptr;
  if (waiter_ == nullptr) waiter_ = queue->join(*this, board.any_server());
  queued_for_server_ = waiter_->queue != board.any_server();
  lane_.counters.backend(backend_).queue_total.add();
  phase_ = Phase::queueing;
  phase_deadline_ = lane_.deadline_in(backend_config().timeouts.queue_ms);
  update_timer();
  return Step::next;
}

// Nothing is received meanwhile: those who wait would hold the buffers that those need for whom they wait.
Stream::Step Stream::await_server() {
  if (broken_peer() != nullptr) return begin_close(reason_);
  if (client_left()) return begin_close(logfmt::EndReason::client_aborted_connect);
  if (phase_deadline_ <= lane_.now) return queue_timed_out();
  if (!session_->receive.in_flight && !client_end_known_) {
    session_->receive.handler = &Stream::on_client_ended;
    lane_.ring->poll(session_->receive, session_->socket, io::Readiness::ended);
  }
  return Step::wait;
}

// A client that left without a word needs no server any more; one that spoke and then ended its half still
// waits for an answer.
void Stream::on_client_ended(io::Op& op, io::Completion& completion) {
  Peer& peer = op.as<Peer>();
  Stream& stream = *peer.stream;
  peer.came_back_from_reading(stream.lane_.now);
  if (completion.result != -ECANCELED && stream.phase_ == Phase::queueing) {
    const io::PeerState state = io::socket_peer_state(peer.socket);
    if (state.gone) {
      stream.broken(peer, ECONNRESET, true);
    } else if (state.ended) {
      stream.client_end_known_ = true;
      stream.to_server_.source_ended = !state.has_bytes && stream.to_server_.bytes == 0;
    }
  }
  stream.advance();
}

// Who waited in vain for one server may take another that is free now.
Stream::Step Stream::queue_timed_out() {
  lane_.counters.backend(backend_).queue_timeouts.add();
  const std::uint32_t waited_for = waiter_->queue;
  leave_queue();
  if (queued_for_server_ && backend_config().redispatch) {
    failed_server_ = waited_for;
    const std::uint32_t other = lane_.choices[backend_].choose_elsewhere(failed_server_);
    if (other != balance::no_server) return use_server(other);
  }
  chosen_at_ = lane_.now;
  return fail(logfmt::EndReason::queue_timeout);
}

void Stream::leave_queue() {
  if (waiter_ == nullptr) return;
  if (session_->receive.handler == &Stream::on_client_ended) lane_.ring->cancel(session_->receive);
  lane_.queues[backend_]->leave(std::exchange(waiter_, nullptr));
}

void Stream::server_assigned(std::uint32_t server) {
  leave_queue();
  use_server(server);
  advance();
}

void Stream::server_withdrawn() {
  leave_queue();
  phase_ = Phase::choosing;
  advance();
}

}  // namespace corelane::proxy
