// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tls/client_context.hpp"

namespace corelane::proxy {

/// Where the context of servers with the same settings stands. Another one may take its place at run time:
/// who keeps the place finds the present one there.
using TlsServerPlace = std::unique_ptr<tls::ClientContext>;

/// What one thread knows of TLS towards servers; made before it starts. Those whose settings are the same
/// share a context.
struct TlsServers {
  std::vector<TlsServerPlace> contexts;               // of places that stay where they are
  std::vector<std::vector<std::uint32_t>> of_server;  // [backend][server]: a position and one; 0: no TLS

  bool empty() const noexcept { return contexts.empty(); }
  /// Null: no TLS.
  const TlsServerPlace* find(std::uint32_t backend, std::uint32_t server) const noexcept {
    if (contexts.empty()) return nullptr;
    const std::uint32_t position = of_server[backend][server];
    return position == 0 ? nullptr : &contexts[position - 1];
  }
};

}  // namespace corelane::proxy
