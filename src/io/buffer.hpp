// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/check.hpp"

namespace corelane::io {

class BufferPool;

inline std::string_view text_of(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Received bytes in a buffer of the lane's pool. Move-only; the buffer goes back to the pool when the lease
/// is dropped. Never leaves its lane's thread.
class BufferLease {
 public:
  BufferLease() = default;
  BufferLease(BufferPool* pool, std::uint32_t slot, std::uint32_t size) noexcept
      : pool_(pool), slot_(slot), size_(size) {}
  BufferLease(BufferLease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), slot_(other.slot_), size_(other.size_) {}
  BufferLease& operator=(BufferLease&& other) noexcept;
  ~BufferLease() { drop(); }

  explicit operator bool() const noexcept { return pool_ != nullptr; }
  std::span<std::byte> bytes() const noexcept;
  std::uint32_t size() const noexcept { return size_; }
  /// Only so many bytes of it count; not more than before.
  void shrink(std::uint32_t size) noexcept {
    CORELANE_CHECK(size <= size_);
    size_ = size;
  }

 private:
  friend class BufferQueue;
  void drop() noexcept;

  BufferPool* pool_ = nullptr;
  std::uint32_t slot_ = 0;
  std::uint32_t size_ = 0;
};

/// Buffers of one size for one lane. Address space is reserved for `capacity` buffers and memory is touched
/// only as buffers come into use, the most recently used first, so the working set stays small. The ring
/// takes buffers from here to offer them to the kernel; a buffer is either free, offered, or leased. Beyond
/// those there may be a reserve, for whoever cannot wait for others to give theirs back.
class BufferPool {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  BufferPool(std::uint32_t buffer_size, std::uint32_t capacity, std::uint32_t reserve = 0);
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool();

  /// A free buffer's slot, or `none`. For the ring; everyone else holds leases.
  std::uint32_t take() noexcept { return in_use_ < capacity_ ? take_reserved() : none; }
  /// The same, out of the reserve where nothing else is left.
  std::uint32_t take_reserved() noexcept;
  void give_back(std::uint32_t slot) noexcept;

  std::byte* memory(std::uint32_t slot) const noexcept { return memory_ + std::size_t{slot} * buffer_size_; }
  std::uint32_t buffer_size() const noexcept { return buffer_size_; }
  std::uint32_t capacity() const noexcept { return capacity_; }
  std::uint32_t in_use() const noexcept { return in_use_; }
  std::uint32_t free() const noexcept { return in_use_ < capacity_ ? capacity_ - in_use_ : 0; }
  /// What take_reserved() can still give.
  std::uint32_t reserve_free() const noexcept { return capacity_ + reserve_ - in_use_; }

 private:
  friend class BufferQueue;
  struct Link {
    std::uint32_t next;  // free list, or the queue that holds the buffer
    std::uint32_t size;
  };

  std::uint32_t buffer_size_;
  std::uint32_t capacity_;
  std::uint32_t reserve_;
  std::uint32_t touched_ = 0;
  std::uint32_t free_head_ = none;
  std::uint32_t in_use_ = 0;
  std::byte* memory_ = nullptr;
  Link* links_ = nullptr;
};

/// A first-in-first-out chain of leases, 16 bytes however long, linked through the pool. Must be empty or
/// cleared when it is destroyed.
class BufferQueue {
 public:
  BufferQueue() = default;
  BufferQueue(const BufferQueue&) = delete;
  BufferQueue& operator=(const BufferQueue&) = delete;
  ~BufferQueue() { CORELANE_CHECK(count_ == 0); }

  bool empty() const noexcept { return count_ == 0; }
  std::uint32_t count() const noexcept { return count_; }

  void push(BufferLease&& lease) noexcept;
  /// What is left of the first buffer; the queue must not be empty.
  std::span<const std::byte> front(const BufferPool& pool) const noexcept;
  /// Drops `bytes` from the front; never more than front().size().
  void consume(BufferPool& pool, std::uint32_t bytes) noexcept;
  /// What one buffer holds from `offset` bytes behind the front on; empty when the queue holds no more.
  std::span<const std::byte> at(const BufferPool& pool, std::uint64_t offset) const noexcept;
  /// All bytes in it.
  std::uint64_t bytes(const BufferPool& pool) const noexcept;
  /// The first buffer's bytes, to be edited where they lie.
  std::span<std::byte> front_writable(BufferPool& pool) const noexcept;
  /// Bytes of the first buffer before the front, free to be written.
  std::uint32_t front_room() const noexcept { return front_offset_; }
  /// Moves the front into that room: the bytes there belong to the queue again.
  void grow_front(std::uint32_t bytes) noexcept;
  void clear(BufferPool& pool) noexcept;
  /// Takes everything that `other` holds; this one is empty.
  void take_over(BufferQueue& other) noexcept;
  /// Moves what other buffers hold behind the first one's bytes, as far as there is room: small messages that
  /// are looked at as one take one buffer. Nothing in it may be in flight.
  void gather(BufferPool& pool) noexcept;

 private:
  std::uint32_t head_ = BufferPool::none;
  std::uint32_t tail_ = BufferPool::none;
  std::uint32_t count_ = 0;
  std::uint32_t front_offset_ = 0;
};

}  // namespace corelane::io
