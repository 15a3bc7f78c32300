// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/check_tls.hpp"
#include "proxy/tls_servers.hpp"

namespace corelane::control {

/// What checks over TLS know of their servers.
struct TlsChecks {
  proxy::TlsServers servers;
  std::vector<std::string> names;  // that each of servers.contexts asks for; may be empty

  /// Views into this, which has to last. Without a context the server's check is not over TLS.
  CheckTlsTarget find(std::uint32_t backend, std::uint32_t server) const noexcept {
    if (servers.empty() || servers.of_server[backend][server] == 0) return {};
    const std::uint32_t position = servers.of_server[backend][server] - 1;
    return {.place = &servers.contexts[position], .server_name = names[position]};
  }
};

}  // namespace corelane::control
