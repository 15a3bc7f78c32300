// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace corelane::proxy {

/// Ports that follow each other.
struct PortRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  friend bool operator==(const PortRun&, const PortRun&) = default;
};

/// Ports in ascending order, with gaps between the runs.
using PortRuns = std::vector<PortRun>;

std::uint32_t port_count(const PortRuns& ports);

/// The share of one lane. Shares of different lanes have no port in common, together they are all, and their
/// sizes differ by one at most.
PortRuns ports_of_lane(const PortRuns& ports, std::uint32_t lane, std::uint32_t lanes);

}  // namespace corelane::proxy
