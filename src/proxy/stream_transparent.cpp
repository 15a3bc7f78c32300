// SPDX-License-Identifier: Apache-2.0
// Connections from the client's address and to where the client wanted to go.
#include <cerrno>

#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

// What the PROXY header says counts, as for HAProxy. Whoever asks for the listener's own address would be
// connected to the listener, which would connect to itself in turn, until nothing is left to do it with.
const io::SocketAddress* Stream::client_destination(const Server& server) {
  const base::Endpoint asked = header_received_ != nullptr
                                   ? proto::read_proxy_header(header_received_->text()).header.destination
                                   : session_->own_endpoint();
  base::Endpoint destination = base::endpoint_unmapped(asked);
  if (!base::is_ip(destination.family)) {
    fail(logfmt::EndReason::destination_unknown);
    return nullptr;
  }
  const std::uint16_t port = server.config->address.endpoint.port;
  if (port != 0) destination.port = port;
  const config::Address& listener = frontend_config().bind[session_->bind].address;
  if (destination.port == listener.endpoint.port && io::address_is_local(destination)) {
    fail(logfmt::EndReason::destination_is_self);
    return nullptr;
  }
  return &lane_.connect_addresses.keep(destination);
}

// 0, or the error of the failed connect that it amounts to; EAFNOSUPPORT: no retry would help.
int Stream::prepare_socket(const Server& server, base::Family family) {
  if (family == base::Family::unix_socket) return 0;
  const io::SocketOptionFailure failure =
      io::socket_set_options(server_->socket, family, server.socket_options);
  if (failure.error_number != 0) return failure.error_number;
  if (!server.from_client) return 0;
  base::Endpoint client = base::endpoint_unmapped(session_->endpoint);
  if (client.family != family) return EAFNOSUPPORT;
  if (server.config->source.transparent == config::TransparentSource::clientip) client.port = 0;
  return -io::socket_bind_source(server_->socket, io::SocketAddress::from_endpoint(client));
}

}  // namespace corelane::proxy
