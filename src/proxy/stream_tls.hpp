// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <optional>
#include <string_view>

#include "config/frontend_rules.hpp"
#include "proxy/server_sessions.hpp"
#include "proxy/stream.hpp"
#include "proxy/tls_lane.hpp"
#include "proxy/tls_transport.hpp"

namespace corelane::proxy {

/// The TLS side of a stream's phases.
struct StreamTls {
  // With the client (stream_tls.cpp)

  /// A handshake comes next, where the bind has TLS and no PROXY header comes first.
  static void expect(Stream& stream);
  /// Phase handshaking.
  static Stream::Step handshake(Stream& stream);

  // With the server (stream_tls_server.cpp)

  /// What a failed handshake amounts to as the error of a connect; the second: no further attempt helps.
  static constexpr int error_failed = EPROTO;
  static constexpr int error_hopeless = EKEYREJECTED;

  /// The connection stands: the handshake follows, under the time-out `connect`, where the server has TLS.
  static Stream::Step begin_with_server(Stream& stream);
  /// Phase securing.
  static Stream::Step secure(Stream& stream);
  /// The name that an idle connection must have asked the server for; none: any will do.
  static std::optional<ServerSessions::NameKey> name_wanted(Stream& stream);
  /// Whether the client's next request may use a connection that was kept for it: with the same name, and
  /// with what counts as trusted now.
  static bool asks_for_same(Stream& stream, const ServerConnection& connection);
  /// A new connection or request: nothing has failed yet. Only where the lane has TLS.
  static void forget_fault(Stream& stream);
  /// The peer's connection broke.
  static void note_fault(Stream& stream, const Peer& peer);
  /// Why the server's TLS failed last; empty: it has not.
  static ServerFault last_fault(const Stream& stream);
  /// Why the server's TLS failed, in words that live for ever; empty: it is not why the stream ended.
  static std::string_view server_fault(const Stream& stream, logfmt::EndReason reason);

  // Both

  /// Whether either side's TLS is ours.
  static bool ends_here(const Stream& stream) noexcept {
    return stream.session_->tls != nullptr || (stream.server_ != nullptr && stream.server_->tls != nullptr);
  }
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
  static const config::BackendRules::ServerName* name_rule(const Stream& stream);
  static std::string_view name_for(Stream& stream);
  static Stream::Step give_up(Stream& stream, int error, const ServerFault& why);
  static ServerFault& fault(Stream& stream);
};

}  // namespace corelane::proxy
