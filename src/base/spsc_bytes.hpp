// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/check.hpp"

namespace corelane::base {

/// A bounded stream of bytes between exactly one writing thread and one reading thread, without locks, for
/// what has no fixed size. It knows no boundaries: whoever reads must be told how much, by an SpscQueue
/// beside it for example. Positions only grow; `tail_` is written by the writer only, `head_` by the reader
/// only. Memory is written only as far as the ring was ever used.
class SpscBytes {
 public:
  /// `capacity` is a power of two.
  explicit SpscBytes(std::uint32_t capacity) : mask_(capacity - 1), bytes_(new char[capacity]) {
    CORELANE_CHECK(capacity > 0 && (capacity & mask_) == 0);
  }

  /// Writer. Everything, or nothing and false when there is no room for it now.
  bool write(std::string_view bytes) noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (bytes.size() > room(tail)) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (bytes.size() > room(tail)) return false;
    }
    const std::size_t first = before_end(tail, bytes.size());
    std::memcpy(&bytes_[tail & mask_], bytes.data(), first);
    std::memcpy(&bytes_[0], bytes.data() + first, bytes.size() - first);
    tail_.store(tail + bytes.size(), std::memory_order_release);
    return true;
  }

  /// Reader. Fills all of `bytes`, or takes nothing and says false when fewer wait.
  bool read(std::span<char> bytes) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (bytes.size() > tail_seen_ - head) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (bytes.size() > tail_seen_ - head) return false;
    }
    const std::size_t first = before_end(head, bytes.size());
    std::memcpy(bytes.data(), &bytes_[head & mask_], first);
    std::memcpy(bytes.data() + first, &bytes_[0], bytes.size() - first);
    head_.store(head + bytes.size(), std::memory_order_release);
    return true;
  }

 private:
  std::uint64_t room(std::uint64_t tail) const noexcept { return mask_ + 1 - (tail - head_seen_); }
  /// How many of `count` bytes at `position` lie before the memory's end; the others are at its beginning.
  std::size_t before_end(std::uint64_t position, std::size_t count) const noexcept {
    return std::min<std::size_t>(count, mask_ + 1 - (position & mask_));
  }

  const std::uint64_t mask_;
  const std::unique_ptr<char[]> bytes_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};  // written by the writer
  std::uint64_t head_seen_ = 0;
  alignas(64) std::atomic<std::uint64_t> head_{0};  // written by the reader
  std::uint64_t tail_seen_ = 0;
};

}  // namespace corelane::base
