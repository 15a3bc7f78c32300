// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>

namespace corelane::stick {

/// How many of something happened within the last period, as HAProxy's frequency counters work it out: all of
/// the present window, and of the one before it the share that the last period still covers.
///
/// The two windows are two words, each with its start (milliseconds, upper half) and its count (lower half);
/// whoever finds the present one over begins the next in the other's place. A word changes by
/// compare-and-exchange alone, start and count at once, so an event is counted exactly once, in the window
/// that was present when it was counted. All orders are relaxed: a word says everything about its window, and
/// the entry that they are a part of has been made before by what the table orders.
///
/// A reader takes both words one after the other. When a window began in between it sees the state from
/// before or after; when two did, which takes a period, the windows do not follow each other and the older
/// one is left out. It never waits. The first window begins with the first event, so the first `period`
/// milliseconds are counted exactly.
template <class Atomics>
struct Rate {
  static constexpr std::uint32_t words = 2;

  static void add(std::uint64_t* windows, std::uint32_t now_ms, std::uint32_t period_ms,
                  std::uint32_t amount) {
    if (amount == 0) return;
    for (;;) {
      const Windows seen = look(windows);
      const std::int64_t elapsed = since(seen.now, now_ms);
      std::uint64_t* place = &windows[seen.now_place];
      std::uint64_t old = seen.now;
      std::uint64_t next = made(start(seen.now), saturated(count(seen.now), amount));
      if (count(seen.now) == 0 && count(seen.before) == 0) {
        next = made(now_ms, amount);
      } else if (elapsed >= period_ms) {
        place = &windows[1 - seen.now_place];
        old = seen.before;
        next = made(elapsed < std::int64_t{2} * period_ms ? start(seen.now) + period_ms : now_ms, amount);
      }
      if (Atomics::exchange(*place, old, next, std::memory_order_relaxed)) return;
    }
  }

  static std::uint32_t read(std::uint64_t* windows, std::uint32_t now_ms, std::uint32_t period_ms) {
    const Windows seen = look(windows);
    const bool follows = start(seen.before) + period_ms == start(seen.now);
    std::uint64_t past = follows ? count(seen.before) : 0;
    std::uint64_t present = count(seen.now);
    std::int64_t remaining = std::int64_t{period_ms} - std::max<std::int64_t>(since(seen.now, now_ms), 0);
    if (remaining < 0) {
      remaining += period_ms;
      past = remaining >= 0 ? present : 0;
      present = 0;
    }
    // A single event does not flap between 1 and 0 while it fades away.
    if (present == 0 && past <= 1) return static_cast<std::uint32_t>(past);
    const std::uint64_t rate = present + past * static_cast<std::uint64_t>(remaining) / period_ms;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(rate, count_max));
  }

  /// As if so many had just happened, and nothing before.
  static void set(std::uint64_t* windows, std::uint32_t now_ms, std::uint32_t amount) {
    Atomics::store(windows[0], made(now_ms, amount), std::memory_order_relaxed);
    Atomics::store(windows[1], std::uint64_t{0}, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t count_max = std::numeric_limits<std::uint32_t>::max();

  struct Windows {
    std::uint64_t now;
    std::uint64_t before;
    std::uint32_t now_place;
  };

  static constexpr std::uint32_t start(std::uint64_t window) {
    return static_cast<std::uint32_t>(window >> 32);
  }
  static constexpr std::uint32_t count(std::uint64_t window) { return static_cast<std::uint32_t>(window); }
  static constexpr std::uint64_t made(std::uint32_t start_ms, std::uint32_t counted) {
    return std::uint64_t{start_ms} << 32 | counted;
  }
  static constexpr std::uint32_t saturated(std::uint64_t counted, std::uint64_t amount) {
    return static_cast<std::uint32_t>(std::min(counted + amount, count_max));
  }
  /// Of lanes whose clocks differ a little: may be negative. The clock's 32 bits may wrap.
  static constexpr std::int64_t since(std::uint64_t window, std::uint32_t now_ms) {
    return static_cast<std::int32_t>(now_ms - start(window));
  }

  static Windows look(std::uint64_t* windows) {
    const std::uint64_t first = Atomics::load(windows[0], std::memory_order_relaxed);
    const std::uint64_t second = Atomics::load(windows[1], std::memory_order_relaxed);
    // One without a count has never begun.
    const bool second_is_later =
        count(second) != 0 &&
        (count(first) == 0 || static_cast<std::int32_t>(start(second) - start(first)) > 0);
    return second_is_later ? Windows{second, first, 1} : Windows{first, second, 0};
  }
};

}  // namespace corelane::stick
