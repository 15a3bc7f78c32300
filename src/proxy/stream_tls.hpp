// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxy/stream.hpp"

namespace corelane::proxy {

/// The TLS side of a stream's phases; with the client.
struct StreamTls {
  /// A handshake comes next, where the bind has TLS and no PROXY header comes first.
  static void expect(Stream& stream);
  /// Phase handshaking.
  static Stream::Step handshake(Stream& stream);
  /// Whether bytes may go from socket to socket without being looked at.
  static bool relays(const Stream& stream);
  /// The peer's end was none: its connection ended, and TLS in it did not.
  static bool cut_short(const Stream& stream, const Peer& peer);
  /// Both directions have ended, and there is nothing left to say so.
  static bool closes_quietly(Stream& stream);
  static logfmt::EndReason break_reason(const Peer& peer);
  /// The connection ends: what became of its TLS is counted.
  static void count_end(const Stream& stream);

 private:
  static bool begin(Stream& stream);
  static void count_handshake(Stream& stream);
  static Stream::Step refuse(Stream& stream);
};

}  // namespace corelane::proxy
