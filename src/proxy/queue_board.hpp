// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.hpp"

namespace corelane::proxy {

/// What lanes know of each other's waiting streams in one backend whose servers have limits: how many wait,
/// and since when the longest waiting one of each lane does. There is one queue for each server, for streams
/// that only this one will do, and one for those that any server will do.
class QueueBoard {
 public:
  struct Head {
    base::TimeUs since = base::time_never;  // time_never: nobody waits
    std::uint32_t lane = 0;
  };

  QueueBoard(std::uint32_t lanes, std::uint32_t servers);

  /// Number of the queue for any server; those of servers have the servers' numbers.
  std::uint32_t any_server() const noexcept { return queues_ - 1; }
  std::uint32_t queues() const noexcept { return queues_; }

  /// Streams in all queues of all lanes, and a meeting point: of two lanes that come here, the later one sees
  /// everything that the earlier one wrote before.
  std::uint32_t waiting_after_meeting() noexcept { return waiting_.fetch_add(0, std::memory_order_acq_rel); }
  /// Streams in all queues of all lanes.
  std::uint32_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }
  std::uint32_t waiting(std::uint32_t queue) const noexcept {
    return counts_[queue].load(std::memory_order_relaxed);
  }
  /// One more in the queue, unless it holds `limit` already (0: no limit).
  bool join(std::uint32_t queue, std::uint32_t limit) noexcept;
  void leave(std::uint32_t queue) noexcept;

  /// The lane's own thread: since when its first one in this queue has waited.
  void publish(std::uint32_t lane, std::uint32_t queue, base::TimeUs since) noexcept {
    heads_[lane][queue].store(since, std::memory_order_relaxed);
  }
  /// Who has waited longest in this queue, as far as lanes have published.
  Head oldest(std::uint32_t queue) const noexcept;

 private:
  std::uint32_t queues_;
  std::vector<std::unique_ptr<std::atomic<base::TimeUs>[]>> heads_;  // [lane][queue]; written by that lane
  std::unique_ptr<std::atomic<std::uint32_t>[]>
      counts_;                                          // [queue]; written by lanes as streams join and leave
  alignas(128) std::atomic<std::uint32_t> waiting_{0};  // sum of counts_
};

}  // namespace corelane::proxy
