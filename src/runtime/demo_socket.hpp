// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace corelane::runtime {

/// A socket that listens on 127.0.0.1; port 0 lets the system choose and gives the port back. -1 when
/// refused.
int demo_listen(std::uint16_t& port);

/// A connection to 127.0.0.1 whose calls give up after a second. -1 when refused.
int demo_connect(std::uint16_t port);

/// A port that is free at this moment; `preferred` if it is. 0 when none can be had.
std::uint16_t demo_free_port(std::uint16_t preferred);

}  // namespace corelane::runtime
