// SPDX-License-Identifier: Apache-2.0
#include "proxy/port_runs.hpp"

#include <algorithm>
#include <numeric>

namespace corelane::proxy {

std::uint32_t port_count(const PortRuns& ports) {
  return std::accumulate(ports.begin(), ports.end(), std::uint32_t{0},
                         [](std::uint32_t sum, const PortRun& run) { return sum + run.count; });
}

PortRuns ports_of_lane(const PortRuns& ports, std::uint32_t lane, std::uint32_t lanes) {
  const std::uint32_t all = port_count(ports);
  const std::uint32_t begin = all * lane / lanes;
  const std::uint32_t end = all * (lane + 1) / lanes;
  PortRuns share;
  std::uint32_t before = 0;  // ports of the runs seen so far
  for (const PortRun& run : ports) {
    const std::uint32_t from = std::max(begin, before);
    const std::uint32_t to = std::min(end, before + run.count);
    if (from < to) share.push_back({.first = run.first + (from - before), .count = to - from});
    before += run.count;
  }
  return share;
}

}  // namespace corelane::proxy
