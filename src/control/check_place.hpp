// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "control/check_connection.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

/// Addresses of their own that checks, or agents, have, resolved: by backend and server, for those that have
/// one. Ports are not part of them.
using OwnAddresses = std::map<std::pair<std::uint32_t, std::uint32_t>, io::SocketAddress>;

struct CheckAddresses {
  OwnAddresses checks;
  OwnAddresses agents;
};

/// The same address with another port; 0 keeps the one it has. A UNIX socket stays what it is.
io::SocketAddress address_with_port(const io::SocketAddress& address, std::uint32_t port);

/// Checks go the way of the server's connections; but they have no client whose address they could come from.
/// `source` may have size 0. Null where there is nothing to ask for.
std::unique_ptr<const CheckWay> way_of_checks(const proxy::Server& server, const io::SocketAddress& source);

/// The server's first source address that can reach this family, never with a port of a range: those are the
/// lanes'. Size 0: none.
io::SocketAddress first_source(const config::Server& server, base::Family family);

/// How long a check that is made at this interval may take.
base::TimeUs check_timeout_us(const config::Timeouts& timeouts, std::int64_t interval_ms);

/// Where a server is checked, and how. `own_address` is its check's own, resolved, or null; what `tls` refers
/// to has to last as long as the result.
CheckTarget check_target(const proxy::Server& server, const io::SocketAddress* own_address,
                         const CheckTlsTarget& tls);

}  // namespace corelane::control
