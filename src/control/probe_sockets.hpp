// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "io/ring.hpp"
#include "io/socket.hpp"

namespace corelane::control {

/// Sockets of checks that only connect, used for one server after the other: opening and closing one costs as
/// much as half a handshake. Kept are as many as were in use at once, up to a limit.
class ProbeSockets {
 public:
  static constexpr std::size_t kept_max = 256;  // of each family; HealthChecks::concurrent_max use them

  explicit ProbeSockets(io::Ring& ring) : ring_(ring) {}
  ProbeSockets(const ProbeSockets&) = delete;
  ProbeSockets& operator=(const ProbeSockets&) = delete;
  ~ProbeSockets();

  /// For ipv4 or ipv6: an unconnected socket, the caller's to close or to give back. -errno on failure.
  io::Descriptor take(base::Family family);
  /// Resets its connection and keeps the socket. False: it is still the caller's to close.
  bool give_back(base::Family family, io::Descriptor socket);

 private:
  std::vector<io::Descriptor>& kept(base::Family family);

  io::Ring& ring_;
  std::array<std::vector<io::Descriptor>, 2> kept_;
};

}  // namespace corelane::control
