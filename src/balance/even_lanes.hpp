// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

/// Which lane a new connection should go to, where the kernel's spreading by hash left lanes uneven.
namespace corelane::balance {

inline constexpr std::uint32_t no_lane = UINT32_MAX;

/// How many connections more than another a lane may carry and still keep a new one: one, so that lanes end
/// within one of even, and more where there are many. What ends within milliseconds evens out by itself, so
/// as many as did lately are no lead either: short connections stay where they are accepted.
std::uint32_t lead_allowed(std::uint32_t carried, std::uint32_t ended_lately) noexcept;

/// How many short connections of a lane ended in the last 10 to 20 ms. Those that lasted say nothing: a pool
/// of connections that all break and come again is to be spread evenly at once.
class RecentEnds {
 public:
  void add(base::TimeUs lasted_us, base::TimeUs now) noexcept;
  std::uint32_t lately(base::TimeUs now) noexcept;

 private:
  void move_to(base::TimeUs now) noexcept;

  std::int64_t window_ = 0;
  std::uint32_t ended_ = 0;  // in this window
  std::uint32_t ended_before_ = 0;
};

/// Lanes up to this number are all looked at, while the counts are small enough for one connection to matter.
inline constexpr std::uint32_t lanes_looked_at_max = 16;
inline constexpr std::uint32_t load_exact_max = 256;

/// The lane that carries least of those looked at, if that is less than `below`, or else no_lane. Looks at
/// all lanes but `own` where they are few, at two of them otherwise. `random` says at which, and who is first
/// where several carry as little.
template <class LoadOf>
std::uint32_t lightest_lane(std::uint32_t own, std::uint32_t lanes, std::uint32_t below, std::uint64_t random,
                            LoadOf&& load_of) {
  if (lanes < 2 || below == 0) return no_lane;
  const std::uint32_t others = lanes - 1;
  const bool all = lanes <= lanes_looked_at_max && below <= load_exact_max;
  const std::uint32_t looks = all ? others : std::min(others, 2U);
  const auto first = static_cast<std::uint32_t>(random % others);
  // Any stride reaches two different lanes; 1 reaches all.
  const std::uint32_t stride =
      all ? 1 : 1 + static_cast<std::uint32_t>((random >> 32) % std::max(others - 1, 1U));
  std::uint32_t lightest = no_lane;
  for (std::uint32_t look = 0; look < looks; ++look) {
    const std::uint32_t lane = (own + 1 + (first + look * stride) % others) % lanes;
    const std::uint32_t load = load_of(lane);
    if (load >= below) continue;
    lightest = lane;
    below = load;
  }
  return lightest;
}

}  // namespace corelane::balance
