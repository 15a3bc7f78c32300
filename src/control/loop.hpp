// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/timer_wheel.hpp"
#include "io/ring.hpp"

namespace corelane::control {

/// The control thread's event loop: one ring and one timer wheel, on which checks, the admin server,
/// statistics and log output run as completion handlers and timers. It makes no thread; whoever owns it calls
/// turn().
class Loop {
 public:
  /// Completions handled per turn, so that timers keep their time under a burst.
  static constexpr unsigned completions_per_turn_max = 256;

  Loop(io::Ring& ring, base::TimerWheel& timers);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  io::Ring& ring() noexcept { return ring_; }
  base::TimerWheel& timers() noexcept { return timers_; }
  /// The time of this turn.
  base::TimeUs now() const noexcept { return now_; }

  /// Calls `handler(context)` in a turn after another thread woke this loop's ring. Wakes carry no content:
  /// several may arrive as one, and every handler is called for each.
  void on_wake(void (*handler)(void*), void* context);
  void forget_wake(void* context);

  /// Waits for a completion, a wake or the next timer, but at most `wait_us`; runs what completed and what is
  /// due.
  void turn(base::TimeUs wait_us = base::time_never);

 private:
  struct WakeHandler {
    void (*handler)(void*);
    void* context;
  };

  static void woken(void* loop);

  io::Ring& ring_;
  base::TimerWheel& timers_;
  base::TimeUs now_;
  std::vector<WakeHandler> wake_handlers_;
};

}  // namespace corelane::control
