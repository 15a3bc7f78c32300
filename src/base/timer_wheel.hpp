// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/intrusive_list.hpp"
#include "base/time.hpp"

namespace corelane::base {

/// One timer, embedded in its owner. The owner finds itself from `owner` and stops it before it goes away.
struct Timer : ListNode {
  TimeUs expiry = time_never;
  void* owner = nullptr;
  using Handler = void (*)(Timer&);
  Handler handler = nullptr;
};

/// A hierarchical timer wheel with a tick of one millisecond. Pure: it is told the time, which never goes
/// back. Setting, moving and stopping a timer are O(1); advancing is O(slots in use that were passed +
/// timers due): empty stretches cost nothing. A timer fires at the first `advance` whose time is at or
/// after its expiry rounded up to a tick, never before its expiry. Single-threaded: it belongs to one lane.
class TimerWheel {
 public:
  static constexpr TimeUs tick_us = 1000;

  explicit TimerWheel(TimeUs now);

  /// Starts the timer, or moves it when it runs already. `expiry` may lie in the past: it then fires at
  /// the next advance. time_never stops it.
  void set(Timer& timer, TimeUs expiry);
  void stop(Timer& timer);

  /// Runs the handler of every due timer, in the order of their ticks, and returns how many ran. A handler
  /// may set and stop any timer, its own included; one that it sets to a time not after `now` fires at the
  /// next advance. A handler must not call advance.
  unsigned advance(TimeUs now);

  /// The time at which `advance` should next be called: never later than the first expiry rounded up to
  /// a tick, possibly earlier (a level boundary, a timer that was stopped since). A time already reached
  /// when a timer is overdue; time_never when no timer runs.
  TimeUs next_deadline() const;

  std::uint32_t size() const noexcept { return size_; }

 private:
  static constexpr unsigned level_bits = 6;
  static constexpr unsigned slots_per_level = 1U << level_bits;
  static constexpr unsigned levels = 6;  // 64^6 ms: two years
  static constexpr unsigned epoch_bits = level_bits * levels;

  /// The slot that begins next; `level` is `levels` for the timers beyond the last level.
  struct NextSlot {
    std::uint64_t tick;
    unsigned level;
    unsigned slot;
  };

  void place(Timer& timer);
  NextSlot next_slot() const;
  void enter(const NextSlot& next);
  void move_to(std::uint64_t tick);
  std::uint64_t tick_of_expiry(TimeUs expiry) const;

  TimeUs start_;
  std::uint64_t tick_ = 0;  // ticks done since start_
  std::uint32_t size_ = 0;
  /// One bit per slot that may hold timers; stopping one leaves its bit. A timer's level is that of the
  /// highest digit (base 64) in which its tick differs from tick_, so only slots after the one in progress
  /// are ever in use, and every slot of a level begins before the first of the next level in use.
  std::array<std::uint64_t, levels> occupied_{};
  List overdue_;  // fire at the next advance
  List far_;      // tick differs from tick_ beyond the last level
  std::array<std::array<List, slots_per_level>, levels> slots_;
};

}  // namespace corelane::base
