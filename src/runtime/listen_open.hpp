// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/model.hpp"
#include "io/socket.hpp"
#include "runtime/exit_status.hpp"

namespace corelane::runtime {

/// One address of one bind of one frontend, to be listened on. References live as long as the model.
struct ListenRequest {
  const config::Frontend& frontend;
  const config::Bind& bind;
  std::uint32_t frontend_index = config::no_index;
  std::uint32_t bind_index = config::no_index;
  io::SocketAddress address;  // empty for an inherited descriptor
  int backlog = 0;

  /// "frontends.web.bind[0].address"
  std::string place() const;
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
