// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "base/check.hpp"

namespace corelane::proxy {

/// Places for what a lane may know of each stream of its pool, all zeros. calloc takes so much from the
/// kernel page by page: a place costs memory from the moment that somebody writes to it, and is never given
/// back.
template <typename T>
class ZeroedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit ZeroedArray(std::size_t size) : places_(static_cast<T*>(std::calloc(size, sizeof(T)))) {
    CORELANE_CHECK(places_ != nullptr);
  }

  T& operator[](std::size_t index) noexcept { return places_[index]; }

 private:
  struct Free {
    void operator()(T* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<T[], Free> places_;
};

}  // namespace corelane::proxy
