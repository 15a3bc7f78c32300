// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"

namespace corelane::proxy {

// Binds the new socket to the server's next source address and port. 0, or the error of the failed connect
// that it amounts to.
int Stream::bind_source(const Server& server) {
  const SourcePort source = lane_.source_ports.take(server);
  if (!source.taken()) return EADDRNOTAVAIL;
  server_->source_port = source.port;
  server_->source_pool = source.pool;
  return -lane_.source_ports.bind(server_->socket, source);
}

// Somebody else has the port, or a connection that the kernel still winds up: the next one is tried at once,
// of the next address first. Each costs a system call or two, so their number is bounded.
bool Stream::try_next_source(int error) {
  if (error != EADDRNOTAVAIL && error != EADDRINUSE) return false;
  if (server_ == nullptr || !server_->source().taken()) return false;
  lane_.source_ports.count_refused(server_->source());
  const Server& server = lane_.choices[backend_].backend().servers[server_index_];
  if (++source_tries_ >= lane_.source_ports.tries_max(server)) return false;
  close_server_socket();
  phase_ = Phase::opening;
  return true;
}

void Stream::close_server_socket() {
  if (server_ == nullptr) return;
  lane_.ring->close(server_->socket);
  if (server_->tls != nullptr) lane_.tls->transports.release(server_->tls);
  if (server_->source().taken()) lane_.source_ports.give_back(server_->source());
  lane_.server_connections.release(server_);
  server_ = nullptr;
}

}  // namespace corelane::proxy
