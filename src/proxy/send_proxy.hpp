// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config/model.hpp"
#include "proto/proxy_header.hpp"
#include "tls/connection.hpp"

namespace corelane::proxy {

/// The bytes of one PROXY header, received or to be sent. Held from the header's arrival until a server has
/// it.
struct ProxyHeaderBytes {
  ProxyHeaderBytes() noexcept {}  // leaves the bytes as they are

  std::string_view text() const noexcept { return {bytes.data(), size}; }

  std::uint32_t size = 0;
  std::uint32_t sent = 0;
  std::array<char, proto::proxy_header_written_bytes_max> bytes;
};

/// Whether any bind or server of this configuration has PROXY headers.
bool uses_proxy_headers(const config::Model& model);

/// Whether a connection from this address begins with a PROXY header.
bool begins_with_header(const config::AcceptProxy& accept, const base::Endpoint& client);

/// Puts what the client's own TLS says in the place of what a header said of it, as far as the server wants
/// to know it; a host name that the header had stays. `memory` holds texts, as long as `client` is used.
struct TlsTexts {
  TlsTexts() noexcept {}  // leaves the bytes as they are

  std::array<char, proto::proxy_authority_bytes_max> common_name;
  std::array<char, 16> key_algorithm;
  std::array<char, 512> sub_tlvs;
};
void tell_of_tls(const config::SendProxy& wanted, const tls::Connection& connection,
                 proto::ProxyHeader& client, TlsTexts& memory);

/// Writes the header that a server wants, of what is known of the client: all of `client` that the options do
/// not ask for is left out. Returns its size.
std::size_t write_proxy_header(const config::SendProxy& wanted, proto::ProxyHeader client,
                               std::span<char, proto::proxy_header_written_bytes_max> out);

/// The header of a connection that the balancer makes for itself, as a check is: as HAProxy, LOCAL in version
/// 2 and the connection's own addresses in version 1. Empty where the server wants none.
std::string own_proxy_header(const config::SendProxy& wanted, const base::Endpoint& here,
                             const base::Endpoint& there);

}  // namespace corelane::proxy
