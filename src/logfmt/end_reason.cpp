// SPDX-License-Identifier: Apache-2.0
#include "logfmt/end_reason.hpp"

#include <cstddef>

#include "base/check.hpp"

namespace corelane::logfmt {
namespace {

constexpr std::array<EndReasonRow, static_cast<std::size_t>(EndReason::count)> rows{{
    {EndReason::none, "none", '-', "The connection has not ended."},
    {EndReason::completed, "completed", '-', "Client and server both closed, nothing was left to send."},
    {EndReason::client_reset, "client_reset", 'C', "The client reset the connection."},
    {EndReason::client_timeout, "client_timeout", 'c',
     "The client neither sent nor took anything for the client time-out."},
    {EndReason::client_fin_timeout, "client_fin_timeout", 'c',
     "The client kept its half of a half-closed connection open for the client_fin time-out."},
    {EndReason::proxy_header_invalid, "proxy_header_invalid", 'P',
     "The client did not begin with a PROXY header, or with a broken one."},
    {EndReason::proxy_header_incomplete, "proxy_header_incomplete", 'C',
     "The client ended the connection before its PROXY header was complete."},
    {EndReason::proxy_header_timeout, "proxy_header_timeout", 'c',
     "The client's PROXY header was not complete within the client_hs time-out."},
    {EndReason::tls_handshake_failed, "tls_handshake_failed", 'P',
     "The TLS handshake with the client failed; the log line's detail says why."},
    {EndReason::tls_handshake_refused, "tls_handshake_refused", 'C',
     "The client gave the TLS handshake up; the log line's detail is its alert."},
    {EndReason::tls_handshake_incomplete, "tls_handshake_incomplete", 'C',
     "The client ended the connection before the TLS handshake was complete."},
    {EndReason::tls_handshake_timeout, "tls_handshake_timeout", 'c',
     "The TLS handshake was not complete within the client_hs time-out."},
    {EndReason::tls_error, "tls_error", 'C',
     "What the client sent within TLS was no sound record, or it sent an alert; the log line's detail says "
     "which."},
    {EndReason::client_truncated, "client_truncated", 'C',
     "The client's connection ended without the end of TLS: what it said may have been cut."},
    {EndReason::connection_denied, "connection_denied", 'P',
     "A rule of tcp_request.connection rejected the connection."},
    {EndReason::session_denied, "session_denied", 'P', "A rule of tcp_request.session rejected it."},
    {EndReason::server_tls_failed, "server_tls_failed", 'S',
     "The TLS handshake with the last server tried failed; the log line's detail says why."},
    {EndReason::server_tls_error, "server_tls_error", 'S',
     "What the server sent within TLS was no sound record, or it sent an alert; the log line's detail says "
     "which."},
    {EndReason::server_truncated, "server_truncated", 'S',
     "The server's connection ended without the end of TLS: what it said may have been cut."},
    {EndReason::server_reset, "server_reset", 'S', "The server reset the connection."},
    {EndReason::server_timeout, "server_timeout", 's',
     "The server neither sent nor took anything for the server time-out."},
    {EndReason::server_fin_timeout, "server_fin_timeout", 's',
     "The server kept its half of a half-closed connection open for the server_fin time-out."},
    {EndReason::connect_refused, "connect_refused", 'S',
     "The last server tried refused the connection or reset it at once."},
    {EndReason::connect_timeout, "connect_timeout", 's',
     "The last server tried did not answer within the connect time-out."},
    {EndReason::connect_unreachable, "connect_unreachable", 'S',
     "The network has no way to the last server tried."},
    {EndReason::no_server_available, "no_server_available", 'S', "No server of the backend was usable."},
    {EndReason::queue_timeout, "queue_timeout", 's',
     "Every server that would do stayed full for the queue time-out."},
    {EndReason::client_aborted_connect, "client_aborted_connect", 'C',
     "The client went away before a server's connection stood."},
    {EndReason::source_ports_exhausted, "source_ports_exhausted", 'R',
     "No local port was free for a connection to the server."},
    {EndReason::client_address_unusable, "client_address_unusable", 'S',
     "The server is to be reached from the client's address, which is not of the server's family."},
    {EndReason::destination_unknown, "destination_unknown", 'R',
     "The server is where the client wanted to go, which nothing tells."},
    {EndReason::destination_is_self, "destination_is_self", 'R',
     "The server is where the client wanted to go, and that was Corelane's own address."},
    {EndReason::descriptors_exhausted, "descriptors_exhausted", 'R',
     "No descriptor was free for a connection to the server."},
    {EndReason::server_marked_down, "server_marked_down", 'D',
     "The server was marked down and is configured to end its connections then."},
    {EndReason::killed_by_admin, "killed_by_admin", 'K', "The administrator ended the session."},
    {EndReason::process_stopping, "process_stopping", 'K',
     "The process stopped before the connection had ended by itself."},
    {EndReason::request_invalid, "request_invalid", 'P',
     "The request broke a rule of HTTP or exceeded a limit; the log line's detail says which."},
    {EndReason::request_incomplete, "request_incomplete", 'C',
     "The client ended the connection before its request's head was complete."},
    {EndReason::request_timeout, "request_timeout", 'c',
     "The request's head was not complete within the http_request time-out."},
    {EndReason::request_denied, "request_denied", 'P',
     "A rule denied the request, or in mode tcp what the connection began with."},
    {EndReason::request_too_early, "request_too_early", 'P',
     "The request came as early data of TLS, which can be a recording, and its method is none that may be "
     "repeated: the client was told to come again (425)."},
    {EndReason::response_denied, "response_denied", 'P', "The configuration denied the server's response."},
    {EndReason::answered_locally, "answered_locally", 'L',
     "Corelane answered the request itself; no server took part."},
    {EndReason::client_aborted, "client_aborted", 'C',
     "The client ended the connection before it had the whole response."},
    {EndReason::server_no_response, "server_no_response", 'S',
     "The server ended the connection before its response's head was complete."},
    {EndReason::response_timeout, "response_timeout", 's',
     "The server's response did not begin within the server time-out."},
    {EndReason::response_invalid, "response_invalid", 'P',
     "The response broke a rule of HTTP or exceeded a limit; the log line's detail says which."},
    {EndReason::response_incomplete, "response_incomplete", 'S',
     "The server ended the connection before its response's body was complete."},
    {EndReason::tunnel_timeout, "tunnel_timeout", 'c',
     "Neither side of a tunnel sent or took anything for the tunnel time-out."},
    {EndReason::internal_error, "internal_error", 'I', "Corelane failed; this is worth a bug report."},
}};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].reason != static_cast<EndReason>(i) || rows[i].name.empty() || rows[i].help.empty())
      return false;
  return true;
}
static_assert(rows_are_in_order());

struct EndPhaseRow {
  EndPhase phase;
  char letter;
  std::string_view name;
};
constexpr std::array<EndPhaseRow, 8> phase_rows{{
    {EndPhase::request, 'R', "request"},
    {EndPhase::queue, 'Q', "queue"},
    {EndPhase::connect, 'C', "connect"},
    {EndPhase::headers, 'H', "headers"},
    {EndPhase::data, 'D', "data"},
    {EndPhase::last, 'L', "last"},
    {EndPhase::tarpit, 'T', "tarpit"},
    {EndPhase::finished, '-', "finished"},
}};

constexpr bool phase_rows_are_in_order() {
  for (std::size_t i = 0; i < phase_rows.size(); ++i)
    if (phase_rows[i].phase != static_cast<EndPhase>(i)) return false;
  return true;
}
static_assert(phase_rows_are_in_order());

const EndPhaseRow& phase_row(EndPhase phase) {
  CORELANE_CHECK(static_cast<std::size_t>(phase) < phase_rows.size());
  return phase_rows[static_cast<std::size_t>(phase)];
}

}  // namespace

const EndReasonRow& end_reason_row(EndReason reason) {
  CORELANE_CHECK(reason < EndReason::count);
  return rows[static_cast<std::size_t>(reason)];
}

char end_phase_letter(EndPhase phase) {
  return phase_row(phase).letter;
}

std::string_view end_phase_name(EndPhase phase) {
  return phase_row(phase).name;
}

std::array<char, 2> termination_letters(EndReason reason, EndPhase phase) {
  if (reason == EndReason::none || reason == EndReason::completed) return {'-', '-'};
  const char cause = end_reason_row(reason).cause;
  // HAProxy counts a backend without usable servers as a failed connect, whose letters operators look for.
  if (reason == EndReason::no_server_available) return {cause, end_phase_letter(EndPhase::connect)};
  return {cause, end_phase_letter(phase)};
}

}  // namespace corelane::logfmt
