// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/pool.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "proxy/server_sessions.hpp"
#include "proxy/tls_replacement.hpp"
#include "proxy/tls_transport.hpp"
#include "sample/connection_error.hpp"

namespace corelane::proxy {

/// Why TLS with a server failed.
struct ServerFault {
  std::string_view words;  // live for ever; empty: it has not failed
  sample::ConnectionError error = sample::ConnectionError::none;
};

/// What one lane needs for TLS; made only where a bind or a server has some.
struct LaneTls {
  LaneTls(TlsBinds&& binds_in, TlsServers&& servers_in, TlsReplacement& replacement_in,
          std::uint32_t connections_max, std::uint32_t buffer_size);

  /// Takes what the control thread has left in the place of other contexts, if anything. True: some of them
  /// are of servers; what was kept of sessions with these is forgotten.
  bool take_replacement();

  /// For what one transport sends.
  io::BufferLease take_output();

  /// Certificates and tickets are judged by it, in whole seconds: each turn says it, since a ticket that
  /// another lane has just made would come from the future for a lane whose clock is late.
  void set_time(base::TimeUs wall_us);
  /// End of a turn: those that could go on without the kernel.
  void run_ready();

  TlsBinds binds;
  TlsReplacement& replacement;
  TlsServers servers;
  std::vector<std::vector<std::unique_ptr<ServerSessions>>> sessions;  // as TlsServers::of_server
  std::vector<ServerFault> server_faults;  // of streams, by their places: why their server's TLS failed
  base::Pool<TlsTransport> transports;
  io::BufferPool outputs;  // one for each of them, with room for a buffer's bytes and what TLS adds
  base::List ready;
  std::vector<std::byte> scratch;  // for what goes out while something comes in; in use during a call only
  std::int64_t time_set = -1;      // seconds
};

/// Whether a bind of the configuration has TLS, or a server.
bool binds_with_tls(const config::Model& model);
bool servers_with_tls(const config::Model& model);

}  // namespace corelane::proxy
