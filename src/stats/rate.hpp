// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/time.hpp"

namespace corelane::stats {

/// How many events there were in the last second, as HAProxy reckons it: those of this second, and of those
/// of the one before the part that is not over yet. Written by one lane, read by any; the whole of it is one
/// word, so that nobody reads two halves of different times.
class RateCounter {
 public:
  void add(base::TimeUs now) noexcept {
    Parts parts = parts_at(second_of(now), word_.load(std::memory_order_relaxed));
    parts.current = std::min(parts.current + 1, count_max);
    word_.store(packed(parts), std::memory_order_relaxed);
  }

  std::uint64_t per_second(base::TimeUs now) const noexcept {
    const Parts parts = parts_at(second_of(now), word_.load(std::memory_order_relaxed));
    if (parts.previous <= 1 && parts.current == 0) return parts.previous;  // a low rate does not flap
    const auto left_us = static_cast<std::uint64_t>(second_us - now % second_us);
    return parts.current + parts.previous * left_us / second_us;
  }

 private:
  static constexpr base::TimeUs second_us = 1'000'000;
  static constexpr unsigned count_bits = 22;
  static constexpr std::uint64_t count_max = (std::uint64_t{1} << count_bits) - 1;
  static constexpr std::uint64_t second_mask = (std::uint64_t{1} << (64 - 2 * count_bits)) - 1;

  struct Parts {
    std::uint64_t second = 0;
    std::uint64_t previous = 0;  // in the second before
    std::uint64_t current = 0;
  };

  static std::uint64_t second_of(base::TimeUs now) noexcept {
    return static_cast<std::uint64_t>(now / second_us) & second_mask;
  }
  static std::uint64_t packed(const Parts& parts) noexcept {
    return parts.second << 2 * count_bits | parts.previous << count_bits | parts.current;
  }
  /// What the word says of this second.
  static Parts parts_at(std::uint64_t second, std::uint64_t word) noexcept {
    const std::uint64_t of = word >> 2 * count_bits;
    const std::uint64_t previous = word >> count_bits & count_max;
    const std::uint64_t current = word & count_max;
    if (of == second) return {second, previous, current};
    if (((of + 1) & second_mask) == second) return {second, current, 0};
    return {second, 0, 0};
  }

  std::atomic<std::uint64_t> word_{0};
};

}  // namespace corelane::stats
