// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace corelane::sample {

/// Why a connection failed, by HAProxy's numbers: what fc_err and bc_err say. Those that we can have.
enum class ConnectionError : std::uint8_t {
  none = 0,
  no_buffers = 4,
  proxy_closed = 11,
  proxy_broken = 12,
  proxy_timeout = 13,
  proxy_truncated = 14,
  proxy_missing = 15,
  proxy_invalid = 16,
  tls_closed = 24,
  tls_timeout = 26,
  tls_no_memory = 28,
  tls_renegotiation = 29,
  tls_authority_refused = 30,
  tls_certificate_refused = 31,
  tls_not_verify_host = 32,
  tls_not_server_name = 33,
  tls_handshake_failed = 34,
  tls_fatal = 43,
};

/// HAProxy's message; lives for ever.
std::string_view words(ConnectionError error) noexcept;

}  // namespace corelane::sample
