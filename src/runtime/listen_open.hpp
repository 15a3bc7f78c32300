// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/model.hpp"
#include "io/socket.hpp"
#include "runtime/exit_status.hpp"

namespace corelane::runtime {

/// One address to be listened on.
struct ListenRequest {
  std::string place;  // "frontends.web.bind[0].address"
  config::Bind bind;
  config::KeepAlive keep_alive;
  std::uint32_t frontend_index = config::no_index;
  std::uint32_t bind_index = config::no_index;
  io::SocketAddress address;  // empty for an inherited descriptor
  int backlog = 0;
  bool one_per_lane = true;  // SO_REUSEPORT

  bool is_ip() const noexcept;
  /// "0.0.0.0:80", "unix:/run/x.sock", "fd@7"
  std::string address_text() const;
};

/// Whether the IP address is free. Two sockets that both ask for SO_REUSEPORT may listen on one address, and
/// each takes a share of the connections; so another program there would go unnoticed without this question.
std::optional<Failure> probe_ip_address(const ListenRequest& request);

/// Each opens one listening socket. The IP form asks for SO_REUSEPORT; the UNIX form replaces the socket file
/// that a dead process left behind; the inherited form looks at what the descriptor is and leaves it as it
/// was.
std::optional<Failure> open_ip_socket(const ListenRequest& request, io::Descriptor& opened);
std::optional<Failure> open_unix_socket(const ListenRequest& request, io::Descriptor& opened);
std::optional<Failure> open_inherited_socket(const ListenRequest& request, io::Descriptor& opened);

}  // namespace corelane::runtime
