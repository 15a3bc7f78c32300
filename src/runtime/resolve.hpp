// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "control/check_place.hpp"
#include "io/socket.hpp"
#include "runtime/exit_status.hpp"

namespace corelane::runtime {

/// Turns the addresses of a configuration into the kernel's form. Host names are asked of the system's
/// resolver (blocking; used at start only), each name once.
class Resolver {
 public:
  /// Every address that `address` stands for, best first, in `resolved`. `place` names it in a failure:
  /// "backends.app.servers.s1". The client's destination stands for one empty address. Not for inherited
  /// descriptors.
  std::optional<Failure> resolve(const config::Address& address, const std::string& place,
                                 std::vector<io::SocketAddress>& resolved);

  /// The address of every server, `servers[backend][server]`: the best one of each name.
  std::optional<Failure> resolve_servers(const config::Model& model,
                                         std::vector<std::vector<io::SocketAddress>>& servers);
  /// Addresses of their own that checks have.
  std::optional<Failure> resolve_checks(const config::Model& model, control::CheckAddresses& addresses);

 private:
  std::optional<Failure> look_up(const config::Address& address, const std::string& place,
                                 std::vector<base::Endpoint>& endpoints);

  std::map<std::string, std::vector<base::Endpoint>> names_;  // without ports
};

}  // namespace corelane::runtime
