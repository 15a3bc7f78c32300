// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define CORELANE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORELANE_ASAN 1
#endif
#endif

#ifdef CORELANE_ASAN
#include <sanitizer/asan_interface.h>
#endif

/// Marks memory that is allocated but out of use, so that address-sanitizer builds report its use as they
/// do for freed memory. Nothing in other builds.
namespace corelane::base {

inline void asan_poison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef CORELANE_ASAN
  __asan_poison_memory_region(memory, bytes);
#endif
}

inline void asan_unpoison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef CORELANE_ASAN
  __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace corelane::base
