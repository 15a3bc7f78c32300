// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tls/client_context.hpp"

namespace corelane::control {

/// What checks over TLS know of their servers. Those whose settings are the same share a context.
struct TlsChecks {
  std::vector<std::unique_ptr<tls::ClientContext>> contexts;
  std::vector<std::vector<std::uint32_t>> of_server;  // [backend][server]: a position and one; 0: no TLS

  /// Null: the server's check is not over TLS.
  const tls::ClientContext* find(std::uint32_t backend, std::uint32_t server) const noexcept {
    if (contexts.empty()) return nullptr;
    const std::uint32_t position = of_server[backend][server];
    return position == 0 ? nullptr : contexts[position - 1].get();
  }
};

}  // namespace corelane::control
