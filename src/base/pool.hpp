// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/asan.hpp"
#include "base/check.hpp"

namespace corelane::base {

/// A fixed pool of objects, allocated once. Memory is reserved for `capacity` objects but touched only as
/// far as objects were ever in use at the same time: the most recently released slot is used first, and
/// slots never used are not written. Objects never move. Address-sanitizer builds report the use of a
/// released object. Single-threaded.
template <class T>
class Pool {
 public:
  explicit Pool(std::uint32_t capacity) : capacity_(capacity) {
    if (capacity == 0) return;
    // Large blocks come from the kernel page by page, so an unused slot costs no memory.
    storage_ = static_cast<Slot*>(std::aligned_alloc(alignof(Slot), sizeof(Slot) * capacity));
    CORELANE_CHECK(storage_ != nullptr);
    asan_poison(storage_, sizeof(Slot) * capacity);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    CORELANE_CHECK(used_ == 0);
    asan_unpoison(storage_, sizeof(Slot) * capacity_);
    std::free(storage_);
  }

  /// A new object, or null when all `capacity` are in use.
  template <class... Arguments>
  T* acquire(Arguments&&... arguments) {
    Slot* slot = free_;
    if (slot != nullptr) {
      asan_unpoison(slot, sizeof(Slot));
      free_ = slot->next;
    } else if (touched_ < capacity_) {
      slot = &storage_[touched_++];
      asan_unpoison(slot, sizeof(Slot));
    } else {
      return nullptr;
    }
    ++used_;
    return new (static_cast<void*>(slot)) T(std::forward<Arguments>(arguments)...);
  }

  /// `object` comes from this pool's acquire.
  void release(T* object) noexcept {
    Slot* slot = reinterpret_cast<Slot*>(object);
    CORELANE_CHECK(used_ > 0 && slot >= storage_ && slot < storage_ + touched_);
    object->~T();
    slot->next = free_;
    free_ = slot;
    --used_;
    asan_poison(slot, sizeof(Slot));
  }

  /// Every object's slot is its own while it lives, and below `capacity`.
  std::uint32_t slot(const T* object) const noexcept {
    return static_cast<std::uint32_t>(reinterpret_cast<const Slot*>(object) - storage_);
  }
  /// The object of a slot in use.
  T& at(std::uint32_t slot) noexcept { return *std::launder(reinterpret_cast<T*>(&storage_[slot])); }

  /// Above every slot that was ever in use.
  std::uint32_t slots_touched() const noexcept { return touched_; }

  std::uint32_t used() const noexcept { return used_; }
  std::uint32_t capacity() const noexcept { return capacity_; }

 private:
  union Slot {
    Slot() = delete;
    Slot* next;
    alignas(T) std::byte object[sizeof(T)];
  };

  Slot* storage_ = nullptr;
  Slot* free_ = nullptr;
  std::uint32_t touched_ = 0;
  std::uint32_t used_ = 0;
  std::uint32_t capacity_;
};

}  // namespace corelane::base
