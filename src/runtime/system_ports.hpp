// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "proxy/port_runs.hpp"

namespace corelane::runtime {

/// First and last.
using PortRange = std::pair<std::uint64_t, std::uint64_t>;

/// net.ipv4.ip_local_port_range. Empty: the system does not say.
std::optional<PortRange> system_port_range();

/// Whether a connection can ask the kernel for a port of the system's range (Linux 6.3).
bool system_ports_can_be_asked_for();

/// The range without the reserved ports (net.ipv4.ip_local_reserved_ports: "8080,9000-9010").
proxy::PortRuns ports_without(PortRange range, std::string_view reserved);

/// What the lanes share out for source addresses without a range of their own. None where the kernel has to
/// choose: before Linux 6.3, and where a lane's share would be so small that one lane soon runs out of ports
/// while others have many.
proxy::PortRuns system_ports_for_lanes(std::uint32_t lanes);

}  // namespace corelane::runtime
