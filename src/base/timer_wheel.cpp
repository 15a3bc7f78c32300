// SPDX-License-Identifier: Apache-2.0
#include "base/timer_wheel.hpp"

#include <bit>

#include "base/check.hpp"

namespace corelane::base {

TimerWheel::TimerWheel(TimeUs now) : start_(now) {}

void TimerWheel::set(Timer& timer, TimeUs expiry) {
  CORELANE_CHECK(timer.handler != nullptr);
  if (expiry == time_never) return stop(timer);
  if (timer.linked()) {
    timer.unlink();
  } else {
    ++size_;
  }
  timer.expiry = expiry;
  place(timer);
}

void TimerWheel::stop(Timer& timer) {
  timer.expiry = time_never;
  if (!timer.linked()) return;
  timer.unlink();
  --size_;
}

unsigned TimerWheel::advance(TimeUs now) {
  if (now > start_) {
    const std::uint64_t elapsed_us = static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(start_);
    move_to(elapsed_us / tick_us);
  }
  // What handlers make overdue from here on waits for the next advance.
  List due;
  due.splice_back(overdue_);
  unsigned ran = 0;
  while (ListNode* node = due.pop_front()) {
    Timer& timer = static_cast<Timer&>(*node);
    timer.expiry = time_never;
    --size_;
    ++ran;
    // Owners of timers seldom are in the cache when these are due.
    if (const ListNode* next = due.front()) __builtin_prefetch(static_cast<const Timer*>(next)->owner);
    timer.handler(timer);
  }
  return ran;
}

TimeUs TimerWheel::next_deadline() const {
  if (size_ == 0) return time_never;
  const std::uint64_t tick = overdue_.empty() ? next_slot().tick : tick_;
  return start_ + static_cast<TimeUs>(tick) * tick_us;
}

/// Moves tick_ forward to `tick`; whatever falls due on the way ends in overdue_, in the order of ticks.
void TimerWheel::move_to(std::uint64_t tick) {
  while (tick_ < tick) {
    const NextSlot next = next_slot();
    if (next.tick > tick) {
      tick_ = tick;
      return;
    }
    enter(next);
  }
}

TimerWheel::NextSlot TimerWheel::next_slot() const {
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) continue;
    const unsigned slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
    const unsigned shift = level * level_bits;
    const std::uint64_t level_begin = tick_ >> (shift + level_bits) << (shift + level_bits);
    return {level_begin + (static_cast<std::uint64_t>(slot) << shift), level, slot};
  }
  return {((tick_ >> epoch_bits) + 1) << epoch_bits, levels, 0};
}

/// Makes the beginning of a slot the present tick and spreads its timers over the levels below.
void TimerWheel::enter(const NextSlot& next) {
  tick_ = next.tick;
  List entered;
  if (next.level == levels) {
    entered.splice_back(far_);
  } else {
    occupied_[next.level] &= ~(std::uint64_t{1} << next.slot);
    entered.splice_back(slots_[next.level][next.slot]);
  }
  if (next.level == 0) return overdue_.splice_back(entered);
  while (ListNode* node = entered.pop_front()) place(static_cast<Timer&>(*node));
}

void TimerWheel::place(Timer& timer) {
  const std::uint64_t tick = tick_of_expiry(timer.expiry);
  if (tick <= tick_) return overdue_.push_back(timer);
  const unsigned highest_bit = static_cast<unsigned>(std::bit_width(tick ^ tick_)) - 1;
  const unsigned level = highest_bit / level_bits;
  if (level >= levels) return far_.push_back(timer);
  const std::uint64_t slot = (tick >> (level * level_bits)) % slots_per_level;
  slots_[level][slot].push_back(timer);
  occupied_[level] |= std::uint64_t{1} << slot;
}

std::uint64_t TimerWheel::tick_of_expiry(TimeUs expiry) const {
  if (expiry <= start_) return 0;
  const std::uint64_t span_us = static_cast<std::uint64_t>(expiry) - static_cast<std::uint64_t>(start_);
  return span_us / tick_us + (span_us % tick_us != 0 ? 1 : 0);
}

}  // namespace corelane::base
