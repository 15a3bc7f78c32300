// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

#include "base/check.hpp"

namespace corelane::base {

/// A bounded queue between exactly one writing thread and one reading thread, without locks.
/// `tail_` is written by the writer only, `head_` by the reader only; each side keeps its own copy of the
/// other's index and looks at the shared one only when the copy says full or empty. Memory for `capacity`
/// items is reserved at once but written only as far as the queue was ever used.
template <class T>
class SpscQueue {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  /// `capacity` is a power of two.
  explicit SpscQueue(std::uint32_t capacity) : mask_(capacity - 1) {
    CORELANE_CHECK(capacity > 0 && (capacity & mask_) == 0);
    items_.reset(static_cast<T*>(std::aligned_alloc(alignof(T), sizeof(T) * capacity)));
    CORELANE_CHECK(items_ != nullptr);
  }

  /// Writer. Whether push() would refuse an item now; false stays true until something is pushed.
  bool full() noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ <= mask_) return false;
    head_seen_ = head_.load(std::memory_order_acquire);
    return tail - head_seen_ > mask_;
  }

  /// Writer. False when the queue is full; nothing is written then.
  bool push(const T& item) noexcept {
    if (full()) return false;
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    new (&items_[tail & mask_]) T(item);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Reader. False when the queue is empty.
  bool pop(T& item) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return false;
    }
    item = items_[head & mask_];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// Either side, as a hint: whether anything waits.
  bool empty() const noexcept {
    return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire);
  }

 private:
  struct Free {
    void operator()(T* items) const noexcept { std::free(items); }
  };

  const std::uint64_t mask_;
  std::unique_ptr<T[], Free> items_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};  // written by the writer
  std::uint64_t head_seen_ = 0;
  alignas(64) std::atomic<std::uint64_t> head_{0};  // written by the reader
  std::uint64_t tail_seen_ = 0;
};

}  // namespace corelane::base
