// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace corelane::proxy {

/// Where a connection is in its life; what happens in each phase stands in the table in stream.cpp.
enum class StreamPhase : std::uint8_t {
  reading_header,   // the client begins with a PROXY header: until it is complete
  handshaking,      // TLS: until what is said inside can be read
  inspecting,       // rules look at the connection and its first bytes: until they let it pass
  reading_request,  // HTTP: until the head of a request is complete
  choosing,         // pick a server
  queueing,         // every server that would do is full: until one has a place, or the queue time-out
  opening,          // make a socket and start to connect
  connecting,       // until the server answers, or the connect time-out
  abandoning,       // the time-out struck: until the cancelled connect has come back
  sending_header,   // the server gets a PROXY header: until it is sent
  securing,         // TLS: until the handshake with the server is done
  waiting_retry,    // a pause before the same server is tried again
  forwarding,       // both directions flow
  exchanging,       // HTTP: a request goes to the server, its response to the client
  replying,         // HTTP: the client gets an answer of our own
  releasing,        // HTTP: the server's connection is given up: until nothing is in flight on it
  lingering,        // HTTP: all was said; what the client still sends is dropped for a while
  closing,          // operations have been cancelled: until none is in flight
  count,
};

}  // namespace corelane::proxy
