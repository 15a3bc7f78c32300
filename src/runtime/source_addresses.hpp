// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/model.hpp"
#include "control/check_place.hpp"
#include "io/socket.hpp"
#include "runtime/exit_status.hpp"

namespace corelane::runtime {

/// What only the machine can tell of sources, those of checks included: whether this process may have what
/// they ask of sockets, whether the machine has their addresses and may use their ports, whether they reach
/// what a host name stands for, and whether each lane gets a port. The failure names the place in the
/// configuration.
std::optional<Failure> check_source_addresses(const config::Model& model,
                                              const std::vector<std::vector<io::SocketAddress>>& servers,
                                              const control::CheckAddresses& checks, std::uint32_t lanes);

}  // namespace corelane::runtime
