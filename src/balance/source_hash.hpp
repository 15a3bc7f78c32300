// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/endpoint.hpp"

namespace corelane::balance {

/// A hash of the IP address, not the port: the same in every lane, process and machine, each address bit
/// changing half of its bits. An IPv4 address and its IPv4-mapped IPv6 form are the same client. All UNIX
/// socket peers are one.
std::uint64_t source_hash(const base::Endpoint& client);

}  // namespace corelane::balance
