// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "io/op.hpp"
#include "io/socket.hpp"

namespace corelane::proxy {

class Stream;

enum class Side : std::uint8_t { client, server };

/// One end of a stream: a socket and the two operations that may be in flight on it. `receive` also waits for
/// the socket to become readable, `send` also connects and waits for it to become writable: never two of
/// these at once.
struct Peer : io::OpOwner {
  Peer(Stream& stream_in, Side side_in, io::Descriptor socket_in)
      : socket(socket_in), receive(nullptr, this), send(nullptr, this), stream(&stream_in), side(side_in) {}

  io::Descriptor socket;
  io::Op receive;
  io::Op send;
  Stream* stream;
  base::TimeUs last_activity = 0;  // bytes came from it or went to it
  Side side;
};

/// The client's end: one accepted connection.
struct Session : Peer {
  using Peer::Peer;

  base::Endpoint endpoint;
  std::uint32_t frontend = 0;
  std::uint32_t bind = 0;
  base::TimeUs accepted_at = 0;
};

/// The server's end: one connection to a server, or the attempt at one.
struct ServerConnection : Peer {
  using Peer::Peer;
};

}  // namespace corelane::proxy
