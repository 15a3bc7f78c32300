// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "config/model.hpp"
#include "logfmt/end_reason.hpp"
#include "stats/counters.hpp"
#include "tls/connection.hpp"

/// What is counted when something ends.
namespace corelane::proxy {

/// The reasons that have a counter, of a connection or an HTTP exchange alike.
void count_end_reason(stats::FrontendCounters& frontend, logfmt::EndReason reason);
/// Only for one that had a connection to the server.
void count_end_reason(stats::ServerCounters& server, logfmt::EndReason reason);

/// A handshake with a client that came to nothing, in `handshakes_failed` already.
void count_tls_failure(stats::TlsCounters& counters, logfmt::EndReason reason, tls::Error error);

/// An HTTP exchange that has ended.
struct HttpEnd {
  std::uint32_t frontend = 0;
  bool request_read = false;
  std::uint32_t backend = config::no_index;  // that the request came to
  std::uint32_t server = config::no_index;   // that it was sent to
  logfmt::EndReason reason = logfmt::EndReason::none;
  int status = -1;               // what the client was sent; -1: nothing
  bool response_read = false;    // the status is the server's
  bool connection_used = false;  // the server's connection had served others
};
void count_http_end(stats::LaneBlock& counters, const HttpEnd& end);

}  // namespace corelane::proxy
