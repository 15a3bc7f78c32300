// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/intrusive_list.hpp"
#include "base/time.hpp"
#include "proxy/queue_board.hpp"

namespace corelane::proxy {

class Stream;
struct LaneState;

/// A stream's place in a queue.
struct Waiter : base::ListNode {
  Waiter(Stream& stream_in, std::uint32_t queue_in, base::TimeUs rank_in)
      : stream(&stream_in), rank(rank_in), queue(queue_in) {}

  Stream* stream;
  base::TimeUs rank;  // since when it waits, and what rules say of it (QueuePriority)
  std::uint32_t queue;
};

/// One lane's waiting streams of one backend whose servers have limits (max_connections). A server's place
/// that becomes free goes to the stream that has waited longest for it in any lane, or that rules have put
/// before those: the lane that finds the
/// place either holds that stream, or wakes the lane that does. New streams line up behind those who wait.
///
/// Nobody is forgotten: a lane publishes that somebody waits before it looks for a place once more, and a
/// lane that gave a place back looks for somebody who waits after that. One of the two sees the other.
class ServerQueue {
 public:
  ServerQueue(LaneState& lane, std::uint32_t backend, QueueBoard& board);

  QueueBoard& board() noexcept { return board_; }

  /// The stream waits from now on, and is told by Stream::server_assigned. Null when the queue is full
  /// (max_queue). The place in the queue is given up with leave().
  Waiter* join(Stream& stream, std::uint32_t queue);
  void leave(Waiter* waiter);

  /// Somebody joined, a place may be free, or the servers changed: serve() is to look again this turn.
  void look_again() noexcept;
  bool wants_to_look() const noexcept { return look_again_; }
  /// End of a turn: hands free places to those who wait.
  void serve();

 private:
  base::TimeUs rank_of(const Stream& stream) const;
  void line_up(base::List& line, Waiter& waiter);
  bool serve_server(std::uint32_t server);
  void dismiss_queues_without_server();
  void publish(std::uint32_t queue);

  LaneState& lane_;
  QueueBoard& board_;
  std::unique_ptr<base::List[]> queues_;
  std::uint32_t backend_;
  std::uint32_t waiting_ = 0;  // of this lane
  bool look_again_ = false;
};

}  // namespace corelane::proxy
