// SPDX-License-Identifier: Apache-2.0
#include "sample/connection_error.hpp"

#include <algorithm>
#include <iterator>

namespace corelane::sample {
namespace {

struct Row {
  ConnectionError error;
  std::string_view words;
};

using enum ConnectionError;
constexpr Row rows[] = {
    {none, "Success"},
    {no_buffers, "Out of system buffers"},
    {proxy_closed, "Connection closed while waiting for PROXY protocol header"},
    {proxy_broken, "Connection error while waiting for PROXY protocol header"},
    {proxy_timeout, "Timeout while waiting for PROXY protocol header"},
    {proxy_truncated, "Truncated PROXY protocol header received"},
    {proxy_missing, "Received something which does not look like a PROXY protocol header"},
    {proxy_invalid, "Received an invalid PROXY protocol header"},
    {tls_closed, "Connection closed during SSL handshake"},
    {tls_timeout, "Timeout during SSL handshake"},
    {tls_no_memory, "Out of memory when initializing an SSL connection"},
    {tls_renegotiation, "Rejected a client-initiated SSL renegotiation attempt"},
    {tls_authority_refused, "SSL client CA chain cannot be verified"},
    {tls_certificate_refused, "SSL client certificate not trusted"},
    {tls_not_verify_host, "Server presented an SSL certificate different from the configured one"},
    {tls_not_server_name, "Server presented an SSL certificate different from the expected one"},
    {tls_handshake_failed, "SSL handshake failure"},
    {tls_fatal, "SSL fatal error"},
};

}  // namespace

std::string_view words(ConnectionError error) noexcept {
  return std::find_if(std::begin(rows), std::end(rows),
                      [error](const Row& row) { return row.error == error; })
      ->words;
}

}  // namespace corelane::sample
