// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace corelane::base {

/// A point on the monotonic clock, or a span, in microseconds. Pure code is told the time and never
/// asks for it; a lane reads the clock once per loop turn.
using TimeUs = std::int64_t;

/// "Never": later than every reachable time, and safe to compare with.
inline constexpr TimeUs time_never = INT64_MAX;

constexpr TimeUs ms_to_us(std::int64_t ms) noexcept {
  return ms * 1000;
}

/// Whole milliseconds, rounded to nearest, as log timers print them.
constexpr std::int64_t us_to_ms(TimeUs us) noexcept {
  return (us + 500) / 1000;
}

}  // namespace corelane::base
