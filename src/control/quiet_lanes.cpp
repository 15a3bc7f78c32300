// SPDX-License-Identifier: Apache-2.0
#include "control/quiet_lanes.hpp"

#include <algorithm>
#include <utility>

namespace corelane::control {

QuietLanes::QuietLanes(Loop& loop, const Lanes& lanes, const proxy::LaneShared& shared)
    : loop_(loop), lanes_(lanes), shared_(shared) {
  timer_.owner = this;
  timer_.handler = &QuietLanes::on_timer;
}

QuietLanes::~QuietLanes() {
  loop_.timers().stop(timer_);
}

void QuietLanes::retire(std::unique_ptr<const rules::PatternSnapshot> replaced) {
  later_.push_back(std::move(replaced));
  if (asked_about_.empty()) ask();
}

void QuietLanes::ask() {
  asked_about_ = std::exchange(later_, {});
  ++round_;
  for (const std::unique_ptr<proxy::Lane>& lane : lanes_) {
    if (lane->running())
      lane->post({.kind = proxy::LaneMessage::Kind::quiet_point, .round = round_}, &loop_.ring());
  }
  loop_.timers().set(timer_, loop_.now() + look_again_us);
}

void QuietLanes::on_timer(base::Timer& timer) {
  auto& self = *static_cast<QuietLanes*>(timer.owner);
  if (!self.all_have_passed()) {
    self.loop_.timers().set(timer, self.loop_.now() + look_again_us);
    return;
  }
  self.asked_about_.clear();
  if (!self.later_.empty()) self.ask();
}

// One that has finished looks at nothing.
bool QuietLanes::all_have_passed() const {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (shared_.quiet_points[i].passed.load(std::memory_order_acquire) < round_ && lanes_[i]->running())
      return false;
  }
  return true;
}

}  // namespace corelane::control
