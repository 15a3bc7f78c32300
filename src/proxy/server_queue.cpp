// SPDX-License-Identifier: Apache-2.0
#include "proxy/server_queue.hpp"

#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

ServerQueue::ServerQueue(LaneState& lane, std::uint32_t backend, QueueBoard& board)
    : lane_(lane),
      board_(board),
      queues_(std::make_unique<base::List[]>(board.queues())),
      backend_(backend) {}

base::TimeUs ServerQueue::rank_of(const Stream& stream) const {
  const LaneRules* rules = lane_.rules.get();
  if (rules == nullptr || !rules->sets_priorities) return lane_.now;
  return rules->ruled[lane_.streams.slot(&stream)].priority.rank(lane_.now);
}

// Behind all that go before it: without priorities behind the last one.
void ServerQueue::line_up(base::List& line, Waiter& waiter) {
  base::ListNode* before = line.back();
  std::uint32_t left = waiting_;
  while (left > 0 && before != nullptr && static_cast<const Waiter*>(before)->rank > waiter.rank) {
    before = before == line.front() ? nullptr : before->previous;
    --left;
  }
  if (before == nullptr) return line.push_front(waiter);
  waiter.previous = before;
  waiter.next = before->next;
  before->next->previous = &waiter;
  before->next = &waiter;
}

Waiter* ServerQueue::join(Stream& stream, std::uint32_t queue) {
  const bool bound = queue != board_.any_server();
  const config::Backend& backend = lane_.model().backends[backend_];
  if (!board_.join(queue, bound ? backend.servers[queue].max_queue : 0)) return nullptr;
  Waiter* waiter = lane_.waiters.acquire(stream, queue, rank_of(stream));
  CORELANE_CHECK(waiter != nullptr);  // the pool is as large as that of the streams
  line_up(queues_[queue], *waiter);
  ++waiting_;
  lane_.counters.backend(backend_).queue_current.add();
  if (bound) lane_.counters.server(backend_, queue).queue_current.add();
  publish(queue);
  look_again();
  return waiter;
}

void ServerQueue::leave(Waiter* waiter) {
  const std::uint32_t queue = waiter->queue;
  waiter->unlink();
  lane_.waiters.release(waiter);
  --waiting_;
  board_.leave(queue);
  lane_.counters.backend(backend_).queue_current.subtract();
  if (queue != board_.any_server()) lane_.counters.server(backend_, queue).queue_current.subtract();
  publish(queue);
}

void ServerQueue::look_again() noexcept {
  look_again_ = lane_.look_at_queues = true;
}

void ServerQueue::publish(std::uint32_t queue) {
  const base::ListNode* front = queues_[queue].front();
  board_.publish(lane_.options.index, queue,
                 front == nullptr ? base::time_never : static_cast<const Waiter*>(front)->rank);
}

void ServerQueue::serve() {
  look_again_ = false;
  if (board_.waiting_after_meeting() == 0) return;
  ServerChoice& choice = lane_.choices[backend_];
  if (waiting_ > 0) dismiss_queues_without_server();
  for (std::uint32_t server = 0; server < board_.any_server(); ++server) {
    while (choice.has_room(server) && serve_server(server)) {
    }
  }
}

// One place of this server for who has waited longest. False when nobody of this lane gets it.
bool ServerQueue::serve_server(std::uint32_t server) {
  QueueBoard::Head head = board_.oldest(server);
  std::uint32_t queue = server;
  if (const QueueBoard::Head any = board_.oldest(board_.any_server()); any.since < head.since) {
    head = any;
    queue = board_.any_server();
  }
  if (head.since == base::time_never) return false;
  if (head.lane != lane_.options.index) {
    lane_.shared.nudge(head.lane, LaneNudge::look_at_queues, *lane_.ring);
    return false;
  }
  if (!lane_.choices[backend_].take_place(server)) return false;
  static_cast<Waiter*>(queues_[queue].front())->stream->server_assigned(server);
  return true;
}

// Who waits for a server that went down chooses again.
void ServerQueue::dismiss_queues_without_server() {
  ServerChoice& choice = lane_.choices[backend_];
  for (std::uint32_t server = 0; server < board_.any_server(); ++server) {
    if (choice.usable(server)) continue;
    base::List left_behind;
    left_behind.splice_back(queues_[server]);
    while (base::ListNode* node = left_behind.front()) {
      static_cast<Waiter*>(node)->stream->server_withdrawn();
    }
    publish(server);
  }
}

}  // namespace corelane::proxy
