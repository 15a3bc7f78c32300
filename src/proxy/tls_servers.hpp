// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tls/client_context.hpp"

namespace corelane::proxy {

/// What one thread knows of TLS towards servers; made before it starts. Those whose settings are the same
/// share a context.
struct TlsServers {
  std::vector<std::unique_ptr<tls::ClientContext>> contexts;
  std::vector<std::vector<std::uint32_t>> of_server;  // [backend][server]: a position and one; 0: no TLS

  bool empty() const noexcept { return contexts.empty(); }
  /// Null: no TLS.
  const tls::ClientContext* find(std::uint32_t backend, std::uint32_t server) const noexcept {
    if (contexts.empty()) return nullptr;
    const std::uint32_t position = of_server[backend][server];
    return position == 0 ? nullptr : contexts[position - 1].get();
  }
};

}  // namespace corelane::proxy
