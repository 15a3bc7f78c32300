// SPDX-License-Identifier: Apache-2.0
#include "io/buffer.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace corelane::io {

BufferLease& BufferLease::operator=(BufferLease&& other) noexcept {
  if (this == &other) return *this;
  drop();
  pool_ = std::exchange(other.pool_, nullptr);
  slot_ = other.slot_;
  size_ = other.size_;
  return *this;
}

std::span<std::byte> BufferLease::bytes() const noexcept {
  return {pool_->memory(slot_), size_};
}

void BufferLease::drop() noexcept {
  if (pool_ == nullptr) return;
  std::exchange(pool_, nullptr)->give_back(slot_);
}

namespace {

constexpr std::size_t page_size = 4096;

// Large blocks come from the kernel page by page on first use, so the unused part of a pool costs nothing.
template <class T>
T* reserve(std::size_t bytes) {
  const std::size_t rounded = (bytes + page_size - 1) / page_size * page_size;
  void* memory = std::aligned_alloc(page_size, rounded);
  CORELANE_CHECK(memory != nullptr);
  return static_cast<T*>(memory);
}

}  // namespace

BufferPool::BufferPool(std::uint32_t buffer_size, std::uint32_t capacity, std::uint32_t reserved)
    : buffer_size_(buffer_size),
      capacity_(capacity),
      reserve_(reserved),
      memory_(reserve<std::byte>(std::size_t{buffer_size} * (capacity + reserved))),
      links_(reserve<Link>(sizeof(Link) * (std::size_t{capacity} + reserved))) {
  CORELANE_CHECK(capacity < none - reserved);
}

BufferPool::~BufferPool() {
  CORELANE_CHECK(in_use_ == 0);
  std::free(memory_);
  std::free(links_);
}

std::uint32_t BufferPool::take_reserved() noexcept {
  std::uint32_t slot = free_head_;
  if (slot != none) {
    free_head_ = links_[slot].next;
  } else if (touched_ < capacity_ + reserve_) {
    slot = touched_++;
  } else {
    return none;
  }
  ++in_use_;
  return slot;
}

void BufferPool::give_back(std::uint32_t slot) noexcept {
  CORELANE_CHECK(slot < touched_ && in_use_ > 0);
  new (&links_[slot]) Link{.next = free_head_, .size = 0};
  free_head_ = slot;
  --in_use_;
}

void BufferQueue::push(BufferLease&& lease) noexcept {
  CORELANE_CHECK(lease.pool_ != nullptr && lease.size_ > 0);
  BufferPool& pool = *std::exchange(lease.pool_, nullptr);
  new (&pool.links_[lease.slot_]) BufferPool::Link{.next = BufferPool::none, .size = lease.size_};
  if (count_ == 0) {
    head_ = lease.slot_;
  } else {
    pool.links_[tail_].next = lease.slot_;
  }
  tail_ = lease.slot_;
  ++count_;
}

std::span<const std::byte> BufferQueue::front(const BufferPool& pool) const noexcept {
  CORELANE_CHECK(count_ > 0);
  return {pool.memory(head_) + front_offset_, pool.links_[head_].size - front_offset_};
}

std::span<const std::byte> BufferQueue::at(const BufferPool& pool, std::uint64_t offset) const noexcept {
  offset += front_offset_;
  std::uint32_t slot = head_;
  for (std::uint32_t left = count_; left > 0; --left) {
    const std::uint32_t size = pool.links_[slot].size;
    if (offset < size) return {pool.memory(slot) + offset, size - static_cast<std::uint32_t>(offset)};
    offset -= size;
    slot = pool.links_[slot].next;
  }
  return {};
}

std::uint64_t BufferQueue::bytes(const BufferPool& pool) const noexcept {
  std::uint64_t sum = 0;
  for (std::span<const std::byte> part; !(part = at(pool, sum)).empty();) sum += part.size();
  return sum;
}

std::span<std::byte> BufferQueue::front_writable(BufferPool& pool) const noexcept {
  CORELANE_CHECK(count_ > 0);
  return {pool.memory(head_) + front_offset_, pool.links_[head_].size - front_offset_};
}

void BufferQueue::grow_front(std::uint32_t bytes) noexcept {
  CORELANE_CHECK(count_ > 0 && bytes <= front_offset_);
  front_offset_ -= bytes;
}

void BufferQueue::consume(BufferPool& pool, std::uint32_t bytes) noexcept {
  CORELANE_CHECK(count_ > 0 && bytes <= pool.links_[head_].size - front_offset_);
  front_offset_ += bytes;
  if (front_offset_ < pool.links_[head_].size) return;
  const std::uint32_t emptied = head_;
  head_ = pool.links_[emptied].next;
  front_offset_ = 0;
  --count_;
  pool.give_back(emptied);
}

void BufferQueue::gather(BufferPool& pool) noexcept {
  while (count_ > 1) {
    BufferPool::Link& first = pool.links_[head_];
    std::byte* memory = pool.memory(head_);
    const std::uint32_t taken = first.next;
    const BufferPool::Link second = pool.links_[taken];
    if (first.size - front_offset_ + second.size > pool.buffer_size()) return;
    if (first.size + second.size > pool.buffer_size()) {
      first.size -= front_offset_;
      std::memmove(memory, memory + std::exchange(front_offset_, 0), first.size);
    }
    std::memcpy(memory + first.size, pool.memory(taken), second.size);
    first.size += second.size;
    first.next = second.next;
    if (tail_ == taken) tail_ = head_;
    --count_;
    pool.give_back(taken);
  }
}

void BufferQueue::take_over(BufferQueue& other) noexcept {
  CORELANE_CHECK(count_ == 0);
  head_ = std::exchange(other.head_, BufferPool::none);
  tail_ = std::exchange(other.tail_, BufferPool::none);
  count_ = std::exchange(other.count_, 0);
  front_offset_ = std::exchange(other.front_offset_, 0);
}

void BufferQueue::clear(BufferPool& pool) noexcept {
  while (count_ > 0) consume(pool, pool.links_[head_].size - front_offset_);
}

}  // namespace corelane::io
