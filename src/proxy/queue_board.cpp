// SPDX-License-Identifier: Apache-2.0
#include "proxy/queue_board.hpp"

namespace corelane::proxy {

QueueBoard::QueueBoard(std::uint32_t lanes, std::uint32_t servers)
    : queues_(servers + 1), counts_(std::make_unique<std::atomic<std::uint32_t>[]>(servers + 1)) {
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    heads_.push_back(std::make_unique<std::atomic<base::TimeUs>[]>(queues_));
    for (std::uint32_t queue = 0; queue < queues_; ++queue) publish(lane, queue, base::time_never);
  }
}

bool QueueBoard::join(std::uint32_t queue, std::uint32_t limit) noexcept {
  std::uint32_t count = counts_[queue].load(std::memory_order_relaxed);
  do {
    if (limit != 0 && count >= limit) return false;
  } while (!counts_[queue].compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
  waiting_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void QueueBoard::leave(std::uint32_t queue) noexcept {
  counts_[queue].fetch_sub(1, std::memory_order_relaxed);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
}

QueueBoard::Head QueueBoard::oldest(std::uint32_t queue) const noexcept {
  Head head;
  for (std::uint32_t lane = 0; lane < heads_.size(); ++lane) {
    const base::TimeUs since = heads_[lane][queue].load(std::memory_order_relaxed);
    if (since < head.since) head = {.since = since, .lane = lane};
  }
  return head;
}

}  // namespace corelane::proxy
