// SPDX-License-Identifier: Apache-2.0
#include "proxy/end_counts.hpp"

namespace corelane::proxy {

using logfmt::EndReason;

namespace {

bool client_aborted(EndReason reason) {
  return logfmt::end_reason_row(reason).cause == 'C' || reason == EndReason::client_timeout;
}

bool server_aborted(EndReason reason) {
  return reason == EndReason::server_reset || reason == EndReason::server_no_response ||
         reason == EndReason::response_incomplete || reason == EndReason::server_tls_error ||
         reason == EndReason::server_truncated;
}

/// How a request whose head was read came out: backends and servers count alike.
template <class Group>
void count_outcome(Group& group, EndReason reason) {
  group.requests_total.add();
  if (client_aborted(reason)) group.client_aborts.add();
  if (server_aborted(reason)) group.server_aborts.add();
  if (reason == EndReason::response_invalid) group.responses_invalid.add();
}

void count_for_frontend(stats::FrontendCounters& frontend, const HttpEnd& end) {
  count_end_reason(frontend, end.reason);
  // HAProxy's status of a request that was given up; nobody is left to be told.
  const bool told = end.status >= 0 && end.reason != EndReason::request_incomplete;
  if (told) stats::responses_with(frontend, end.status).add();
  if (!end.request_read) return;
  frontend.requests_total.add();
  if (client_aborted(end.reason)) frontend.client_aborts.add();
}

}  // namespace

void count_end_reason(stats::FrontendCounters& frontend, EndReason reason) {
  switch (reason) {
    case EndReason::client_reset:
      return frontend.client_resets.add();
    case EndReason::client_timeout:
    case EndReason::client_fin_timeout:
      return frontend.client_timeouts.add();
    case EndReason::proxy_header_invalid:
    case EndReason::proxy_header_incomplete:
      return frontend.proxy_header_errors.add();
    case EndReason::proxy_header_timeout:
      return frontend.proxy_header_timeouts.add();
    case EndReason::no_server_available:
      return frontend.no_server.add();
    case EndReason::connection_denied:
      return frontend.connections_denied.add();
    case EndReason::session_denied:
      return frontend.sessions_denied.add();
    case EndReason::request_denied:
      return frontend.requests_denied.add();
    case EndReason::request_invalid:
      return frontend.requests_invalid.add();
    case EndReason::request_incomplete:
      return frontend.requests_incomplete.add();
    case EndReason::request_timeout:
      return frontend.requests_timed_out.add();
    default:
      return;
  }
}

void count_end_reason(stats::ServerCounters& server, EndReason reason) {
  switch (reason) {
    case EndReason::server_reset:
    case EndReason::server_tls_error:
    case EndReason::server_truncated:
      return server.server_resets.add();
    case EndReason::server_timeout:
    case EndReason::server_fin_timeout:
    case EndReason::response_timeout:
      return server.server_timeouts.add();
    case EndReason::server_marked_down:
      return server.shutdown_sessions.add();
    default:
      return;
  }
}

void count_tls_failure(stats::TlsCounters& counters, EndReason reason, tls::Error error) {
  switch (reason) {
    case EndReason::tls_handshake_failed:
      break;
    case EndReason::tls_handshake_refused:
      return counters.failed_refused.add();
    case EndReason::tls_handshake_timeout:
      return counters.failed_timeout.add();
    case EndReason::tls_handshake_incomplete:
    case EndReason::client_reset:
      return counters.failed_incomplete.add();
    default:
      return counters.failed_internal.add();
  }
  switch (error) {
    case tls::Error::no_common_version:
    case tls::Error::no_common_cipher:
    case tls::Error::no_common_curve:
      return counters.failed_negotiation.add();
    case tls::Error::unknown_name:
      return counters.failed_name.add();
    case tls::Error::no_peer_certificate:
    case tls::Error::bad_peer_certificate:
      return counters.failed_certificate.add();
    case tls::Error::internal:
      return counters.failed_internal.add();
    default:
      return counters.failed_protocol.add();
  }
}

void count_http_end(stats::LaneBlock& counters, const HttpEnd& end) {
  count_for_frontend(counters.frontend(end.frontend), end);
  if (end.backend == config::no_index) return;
  stats::BackendCounters& backend = counters.backend(end.backend);
  count_outcome(backend, end.reason);
  if (end.reason == EndReason::no_server_available) backend.no_server.add();
  if (end.status >= 0) stats::responses_with(backend, end.status).add();
  if (end.server == config::no_index) return;
  stats::ServerCounters& server = counters.server(end.backend, end.server);
  count_outcome(server, end.reason);
  count_end_reason(server, end.reason);
  if (end.connection_used) server.requests_reusing.add();
  if (end.response_read) stats::responses_with(server, end.status).add();
}

}  // namespace corelane::proxy
