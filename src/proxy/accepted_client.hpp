// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "io/socket.hpp"

namespace corelane::proxy {

/// A connection that a listener accepted and that no stream owns yet. It has its permits; whoever lets it go
/// closes the socket and gives them back.
struct AcceptedClient {
  io::Descriptor socket = io::no_descriptor;
  std::uint32_t frontend = 0;
  std::uint32_t bind = 0;
  base::TimeUs accepted_at = 0;
};

}  // namespace corelane::proxy
