// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/timer_wheel.hpp"
#include "control/loop.hpp"
#include "proxy/lane.hpp"
#include "rules/pattern_set.hpp"

namespace corelane::control {

/// Frees lists of patterns that were replaced, once no lane looks at them any more. Lanes take nothing of a
/// list from one turn of their loop to the next; so each is sent a number, and when all have said that they
/// have read it, what was replaced before it was sent belongs to nobody. Lives in the control thread.
class QuietLanes {
 public:
  using Lanes = std::vector<std::unique_ptr<proxy::Lane>>;

  QuietLanes(Loop& loop, const Lanes& lanes, const proxy::LaneShared& shared);
  QuietLanes(const QuietLanes&) = delete;
  QuietLanes& operator=(const QuietLanes&) = delete;
  /// Lanes have ended, or will look at none of it.
  ~QuietLanes();

  void retire(std::unique_ptr<const rules::PatternSnapshot> replaced);
  std::size_t waiting() const noexcept { return asked_about_.size() + later_.size(); }

 private:
  static constexpr base::TimeUs look_again_us = 5'000;

  static void on_timer(base::Timer& timer);
  void ask();
  bool all_have_passed() const;

  Loop& loop_;
  const Lanes& lanes_;
  const proxy::LaneShared& shared_;
  std::uint64_t round_ = 0;
  std::vector<std::unique_ptr<const rules::PatternSnapshot>> asked_about_;  // replaced before this round
  std::vector<std::unique_ptr<const rules::PatternSnapshot>> later_;        // since
  base::Timer timer_;
};

}  // namespace corelane::control
