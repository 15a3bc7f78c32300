// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/intrusive_list.hpp"
#include "base/time.hpp"

namespace corelane::base {

/// One timer, embedded in its owner. The owner finds itself from `owner`; `kind` is the owner's business.
struct Timer : ListNode {
  TimeUs expiry = time_never;
  void* owner = nullptr;
  using Handler = void (*)(Timer&);
  Handler handler = nullptr;
};

/// A hierarchical timer wheel with a tick of one millisecond. Pure: it is told the time. Setting,
/// moving and stopping a timer are O(1); advancing is O(ticks passed + timers due), where empty
/// stretches are skipped a whole level at a time. A timer fires at the first `advance` whose time is at
/// or after its expiry, never before. Single-threaded: it belongs to one lane.
class TimerWheel {
 public:
  static constexpr TimeUs tick_us = 1000;

  explicit TimerWheel(TimeUs now);

  /// Starts the timer, or moves it when it runs already. `expiry` may lie in the past: it then fires at
  /// the next advance. time_never stops it.
  void set(Timer& timer, TimeUs expiry);
  void stop(Timer& timer);

  /// Runs the handler of every due timer and returns how many ran. A handler may set and stop any
  /// timer, its own included; one that it sets to a time not after `now` fires at the next advance.
  unsigned advance(TimeUs now);

  /// The time at which `advance` should next be called: never later than the first expiry rounded up to
  /// a tick, possibly earlier (a level boundary). time_never when no timer runs.
  TimeUs next_deadline() const;

  std::uint32_t size() const noexcept { return size_; }

 private:
  static constexpr unsigned level_bits = 6;
  static constexpr unsigned slots_per_level = 1U << level_bits;
  static constexpr unsigned levels = 6;  // 64^6 ms: two years

  void place(Timer& timer);
  void cascade(unsigned level, unsigned slot);
  std::uint64_t tick_of_expiry(TimeUs expiry) const;

  TimeUs start_;
  std::uint64_t tick_ = 0;  // ticks done since start_
  std::uint32_t size_ = 0;
  std::array<std::uint64_t, levels> occupied_{};  // one bit per slot that may hold timers
  std::array<std::array<List, slots_per_level>, levels> slots_;
};

}  // namespace corelane::base
