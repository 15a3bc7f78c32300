// SPDX-License-Identifier: Apache-2.0
#include "control/loop.hpp"

#include <algorithm>

namespace corelane::control {

Loop::Loop(io::Ring& ring, base::TimerWheel& timers) : ring_(ring), timers_(timers), now_(ring.now()) {
  ring_.on_wake(&Loop::woken, this);
}

Loop::~Loop() {
  ring_.on_wake(nullptr, nullptr);
}

void Loop::on_wake(void (*handler)(void*), void* context) {
  wake_handlers_.push_back({handler, context});
}

void Loop::forget_wake(void* context) {
  std::erase_if(wake_handlers_, [context](const WakeHandler& entry) { return entry.context == context; });
}

void Loop::woken(void* loop) {
  // By position: a handler may register another one.
  auto& handlers = static_cast<Loop*>(loop)->wake_handlers_;
  for (std::size_t i = 0; i < handlers.size(); ++i) handlers[i].handler(handlers[i].context);
}

void Loop::turn(base::TimeUs wait_us) {
  const base::TimeUs deadline = timers_.next_deadline();
  base::TimeUs wait = wait_us;
  if (deadline != base::time_never) wait = std::min(wait, std::max<base::TimeUs>(deadline - ring_.now(), 0));
  ring_.submit_and_wait(wait);
  now_ = ring_.now();
  ring_.dispatch(completions_per_turn_max);
  now_ = ring_.now();
  timers_.advance(now_);
}

}  // namespace corelane::control
