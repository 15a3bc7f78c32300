// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/endpoint.hpp"
#include "base/intrusive_list.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "io/op.hpp"
#include "io/socket.hpp"

namespace corelane::proxy {

class Stream;
class TlsTransport;
struct IdleServer;

/// Where a connection comes from; `pool` is a position in Topology::source_pools().
struct SourcePort {
  std::uint16_t port = 0;  // 0: the kernel chooses
  std::uint32_t pool = config::no_index;

  bool taken() const noexcept { return pool != config::no_index; }
};

enum class Side : std::uint8_t { client, server };

/// One end of a stream: a socket and the two operations that may be in flight on it. `receive` also waits for
/// the socket to become readable, `send` also connects and waits for it to become writable: never two of
/// these at once.
struct Peer : io::OpOwner {
  Peer(Stream& stream_in, Side side_in, io::Descriptor socket_in)
      : side(side_in), socket(socket_in), receive(nullptr, this), send(nullptr, this), stream(&stream_in) {
    looked_ahead_for = true;
  }

  /// Of no stream yet.
  Peer(Side side_in, io::Descriptor socket_in)
      : side(side_in), socket(socket_in), receive(nullptr, this), send(nullptr, this), stream(nullptr) {
    looked_ahead_for = true;
  }

  void came_back_from_reading(base::TimeUs now) noexcept { read_until = static_cast<std::uint32_t>(now); }
  bool read_until_now(base::TimeUs now) const noexcept {
    return read_until == static_cast<std::uint32_t>(now);
  }

  Side side;
  io::Descriptor socket;
  io::Op receive;
  io::Op send;
  Stream* stream;                  // null while a connection to a server is idle
  TlsTransport* tls = nullptr;     // what speaks TLS with it; null: nothing does
  base::TimeUs last_activity = 0;  // bytes or an end came from it or went to it; or we began to wait for it
  std::uint32_t read_until = 0;  // when the last receive, or wait for readability, came back: low bits, in us
};

/// The client's end: one accepted connection.
struct Session : Peer {
  using Peer::Peer;

  /// Where the client wanted to go.
  base::Endpoint own_endpoint() const {
    return destination.family != base::Family::none ? destination : io::socket_destination(socket);
  }

  base::Endpoint endpoint;
  base::Endpoint destination;  // that a PROXY header named; Family::none: ask the socket
  std::uint32_t frontend = 0;
  std::uint32_t bind = 0;
  std::uint32_t handshake_us = 0;  // from accept to the end of PROXY header and TLS handshake
  base::TimeUs accepted_at = 0;
};

/// The server's end: one connection to a server, or the attempt at one. It belongs to its stream or, between
/// two of them, to IdleConnections; the node is that one's.
struct ServerConnection : base::ListNode, Peer {
  using Peer::Peer;

  SourcePort source() const noexcept { return {.port = source_port, .pool = source_pool}; }

  std::uint16_t source_port = 0;
  bool private_to_session = false;  // no other client's requests may use it: it is never idle for others
  bool left_to_others = false;      // idle for any lane as soon as its receive has come back
  std::uint32_t source_pool = config::no_index;
  std::uint32_t exchanges = 0;  // requests answered on it; IdleConnections::put() counts
  /// Server::address() when it was opened: no other server has this one, so it says whose connection it is.
  const io::SocketAddress* address = nullptr;
  IdleServer* idle_home = nullptr;  // since it was idle for the first time
};

}  // namespace corelane::proxy
