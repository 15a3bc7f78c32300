// SPDX-License-Identifier: Apache-2.0
#include "balance/even_lanes.hpp"

namespace corelane::balance {

namespace {

constexpr std::uint32_t lead_share = 32;  // of many connections
constexpr base::TimeUs short_lived_us = 1'000'000;
constexpr base::TimeUs window_us = 10'000;

}  // namespace

std::uint32_t lead_allowed(std::uint32_t carried, std::uint32_t ended_lately) noexcept {
  return 1 + carried / lead_share + ended_lately;
}

void RecentEnds::add(base::TimeUs lasted_us, base::TimeUs now) noexcept {
  if (lasted_us >= short_lived_us) return;
  move_to(now);
  ++ended_;
}

std::uint32_t RecentEnds::lately(base::TimeUs now) noexcept {
  move_to(now);
  return ended_ + ended_before_;
}

void RecentEnds::move_to(base::TimeUs now) noexcept {
  const std::int64_t window = now / window_us;
  if (window == window_) return;
  ended_before_ = window == window_ + 1 ? ended_ : 0;
  ended_ = 0;
  window_ = window;
}

}  // namespace corelane::balance
