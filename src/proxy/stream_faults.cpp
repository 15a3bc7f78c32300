// SPDX-License-Identifier: Apache-2.0
#include "proxy/stream_faults.hpp"

#include "proxy/lane_state.hpp"
#include "proxy/send_proxy.hpp"
#include "proxy/stream_tls.hpp"

namespace corelane::proxy {

namespace {

using sample::ConnectionError;

/// Of what the peer or we disliked, during the handshake or later.
ConnectionError of_tls(const tls::Connection& connection) {
  switch (connection.error()) {
    case tls::Error::none:
      return ConnectionError::none;
    case tls::Error::renegotiation:
      return ConnectionError::tls_renegotiation;
    case tls::Error::internal:
      return ConnectionError::tls_no_memory;
    case tls::Error::bad_peer_certificate:
      return connection.ca_error() != 0 ? ConnectionError::tls_authority_refused
                                        : ConnectionError::tls_certificate_refused;
    case tls::Error::truncated:
      return connection.is_ready() ? ConnectionError::none : ConnectionError::tls_closed;
    default:
      return connection.is_ready() ? ConnectionError::tls_fatal : ConnectionError::tls_handshake_failed;
  }
}

}  // namespace

ConnectionError StreamFaults::of_header(const Stream& stream) {
  switch (stream.header_error_) {
    case proto::ProxyError::no_header:
    case proto::ProxyError::bad_version:
      return ConnectionError::proxy_missing;
    case proto::ProxyError::no_room:
      return ConnectionError::no_buffers;
    default:
      return ConnectionError::proxy_invalid;
  }
}

bool StreamFaults::broke_before_header(const Stream& stream) {
  if (stream.header_complete_ || stream.session_->tls != nullptr) return false;
  const Session& session = *stream.session_;
  return stream.header_received_ != nullptr ||
         begins_with_header(stream.frontend_config().bind[session.bind].accept_proxy, session.endpoint);
}

ConnectionError StreamFaults::of_client(const Stream& stream) {
  using logfmt::EndReason;
  const TlsTransport* const tls = stream.session_->tls;
  switch (stream.reason_) {
    case EndReason::proxy_header_invalid:
      return of_header(stream);
    case EndReason::proxy_header_incomplete:
      return stream.header_received_ != nullptr ? ConnectionError::proxy_truncated
                                                : ConnectionError::proxy_closed;
    case EndReason::proxy_header_timeout:
      return ConnectionError::proxy_timeout;
    case EndReason::tls_handshake_incomplete:
      return ConnectionError::tls_closed;
    case EndReason::tls_handshake_timeout:
      return ConnectionError::tls_timeout;
    case EndReason::client_reset:
      if (broke_before_header(stream))
        return stream.header_received_ != nullptr ? ConnectionError::proxy_truncated
                                                  : ConnectionError::proxy_broken;
      return tls != nullptr && !tls->connection().is_ready() ? ConnectionError::tls_handshake_failed
                                                             : ConnectionError::none;
    case EndReason::internal_error:
      return tls != nullptr && !tls->connection().is_ready() ? ConnectionError::tls_no_memory
                                                             : ConnectionError::none;
    default:
      return tls != nullptr ? of_tls(tls->connection()) : ConnectionError::none;
  }
}

std::optional<ConnectionError> StreamFaults::of_server(const Stream& stream, const ServerConnection* server) {
  const ServerFault fault = StreamTls::last_fault(stream);
  if (fault.error != ConnectionError::none) return fault.error;
  if (server == nullptr)
    return stream.established_at_ >= 0 ? std::optional(ConnectionError::none) : std::nullopt;
  return server->tls != nullptr ? of_tls(server->tls->connection()) : ConnectionError::none;
}

ConnectionError StreamFaults::of_server_tls(const tls::Connection& connection, bool named) {
  constexpr int hostname_mismatch = 62;  // X509_V_ERR_HOSTNAME_MISMATCH
  constexpr int address_mismatch = 64;   // X509_V_ERR_IP_ADDRESS_MISMATCH
  const int result = connection.verify_result();
  if (connection.error() != tls::Error::bad_peer_certificate) return of_tls(connection);
  if (result != hostname_mismatch && result != address_mismatch) return ConnectionError::tls_handshake_failed;
  return named ? ConnectionError::tls_not_verify_host : ConnectionError::tls_not_server_name;
}

}  // namespace corelane::proxy
