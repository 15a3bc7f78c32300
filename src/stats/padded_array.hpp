// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace corelane::stats {

/// Starts on a cache line of its own and shares its last one with nothing; the prefetcher takes two.
template <class T>
class PaddedArray {
 public:
  explicit PaddedArray(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    const std::size_t bytes = (count * sizeof(T) + cache_line - 1) / cache_line * cache_line;
    if (bytes == 0) return;
    T* first = static_cast<T*>(::operator new (bytes, std::align_val_t{cache_line}));
    std::uninitialized_value_construct_n(first, count);
    items_.reset(first);
  }
  T& operator[](std::size_t index) noexcept { return items_.get()[index]; }
  const T& operator[](std::size_t index) const noexcept { return items_.get()[index]; }

 private:
  static constexpr std::size_t cache_line = 128;
  struct Free {
    void operator()(T* items) const noexcept { ::operator delete (items, std::align_val_t{cache_line}); }
  };
  std::unique_ptr<T, Free> items_;
};

}  // namespace corelane::stats
