// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace corelane::logfmt {

/// Why a stream ended. The first reason wins and is logged once.
enum class EndReason : std::uint8_t {
  none,  // still running
  completed,
  client_reset,
  client_timeout,
  client_fin_timeout,
  proxy_header_invalid,
  proxy_header_incomplete,
  proxy_header_timeout,
  tls_handshake_failed,
  tls_handshake_refused,
  tls_handshake_incomplete,
  tls_handshake_timeout,
  tls_error,
  client_truncated,
  connection_denied,
  session_denied,
  server_tls_failed,
  server_tls_error,
  server_truncated,
  server_reset,
  server_timeout,
  server_fin_timeout,
  connect_refused,
  connect_timeout,
  connect_unreachable,
  no_server_available,
  queue_timeout,
  client_aborted_connect,
  source_ports_exhausted,
  client_address_unusable,
  destination_unknown,
  destination_is_self,
  descriptors_exhausted,
  server_marked_down,
  killed_by_admin,
  process_stopping,
  request_invalid,
  request_incomplete,
  request_timeout,
  request_denied,
  request_too_early,
  response_denied,
  answered_locally,
  client_aborted,
  server_no_response,
  response_timeout,
  response_invalid,
  response_incomplete,
  tunnel_timeout,
  internal_error,
  count,
};

/// In which phase it ended: the second of HAProxy's termination letters.
enum class EndPhase : std::uint8_t {
  request,  // waiting for a complete request; nothing went to a server
  queue,
  connect,
  headers,  // waiting for the response's head
  data,
  last,    // the server had finished, the client had still to be sent the rest
  tarpit,  // a refused request is being held
  finished,
};

struct EndReasonRow {
  EndReason reason;
  std::string_view name;  // "server_timeout": what end_reason says in JSON
  char cause;  // the first of HAProxy's termination letters ('-', 'C', 'S', 'c', 's', 'P', 'L', 'R', 'D',
               // 'K', 'I')
  std::string_view help;
};

const EndReasonRow& end_reason_row(EndReason reason);
/// '-' for finished, 'R', 'Q', 'C', 'H', 'D', 'L', 'T'.
char end_phase_letter(EndPhase phase);
std::string_view end_phase_name(EndPhase phase);

/// HAProxy's termination state of a TCP connection, and the first half of an HTTP request's: cause and phase,
/// "--" when it completed.
std::array<char, 2> termination_letters(EndReason reason, EndPhase phase);

}  // namespace corelane::logfmt
