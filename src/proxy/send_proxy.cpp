// SPDX-License-Identifier: Apache-2.0
#include "proxy/send_proxy.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "tls/peer_facts.hpp"

namespace corelane::proxy {

namespace {

bool has(const config::SendProxy& wanted, config::ProxyOption option) {
  return std::find(wanted.options.begin(), wanted.options.end(), option) != wanted.options.end();
}

proto::ProxySslWish wish_of(const config::SendProxy& wanted) {
  using config::ProxyOption;
  return {.common_name = has(wanted, ProxyOption::cert_cn),
          .key_algorithm = has(wanted, ProxyOption::cert_key),
          .signature_algorithm = has(wanted, ProxyOption::cert_sig),
          .cipher = has(wanted, ProxyOption::ssl_cipher)};
}

/// Each part comes with the whole.
bool asks_for_tls(const config::SendProxy& wanted) {
  const proto::ProxySslWish wish = wish_of(wanted);
  return has(wanted, config::ProxyOption::ssl) || wish.common_name || wish.key_algorithm ||
         wish.signature_algorithm || wish.cipher;
}

}  // namespace

bool uses_proxy_headers(const config::Model& model) {
  const auto accepts = [](const config::Frontend& frontend) {
    return std::any_of(frontend.bind.begin(), frontend.bind.end(),
                       [](const config::Bind& bind) { return bind.accept_proxy.enabled; });
  };
  const auto sends = [](const config::Backend& backend) {
    return std::any_of(backend.servers.begin(), backend.servers.end(), [](const config::Server& server) {
      return server.send_proxy.version != config::ProxyVersion::none;
    });
  };
  return std::any_of(model.frontends.begin(), model.frontends.end(), accepts) ||
         std::any_of(model.backends.begin(), model.backends.end(), sends);
}

bool begins_with_header(const config::AcceptProxy& accept, const base::Endpoint& client) {
  if (!accept.enabled || accept.from.empty()) return accept.enabled;
  return std::any_of(accept.from.begin(), accept.from.end(),
                     [&](const base::Network& network) { return network.contains(client); });
}

void tell_of_tls(const config::SendProxy& wanted, const tls::Connection& connection,
                 proto::ProxyHeader& client, TlsTexts& memory) {
  client.alpn = tls::alpn(connection);
  if (!client.authority) client.authority = tls::server_name(connection);
  const proto::ProxySslWish wish = wish_of(wanted);
  proto::ProxySslFacts facts;
  facts.version = tls::protocol(connection);
  if (wish.common_name) {
    facts.common_name = tls::distinguished_name(connection, tls::Whose::peer, tls::Name::subject,
                                                {.attribute = "CN", .occurrence = 1},
                                                tls::NameFormat::slashes, memory.common_name);
  }
  if (wish.key_algorithm)
    facts.key_algorithm = tls::key_kind(connection, tls::Whose::own, memory.key_algorithm);
  if (wish.signature_algorithm)
    facts.signature_algorithm = tls::signature_algorithm(connection, tls::Whose::own);
  if (wish.cipher) facts.cipher = tls::cipher(connection);
  proto::ProxySsl ssl{.client = proto::proxy_client_ssl, .verify = 0, .sub_tlvs = {}};
  if (tls::has_peer_certificate(connection)) {
    ssl.client |= proto::proxy_client_certificate_session;
    if (tls::is_peer_certificate_fresh(connection)) ssl.client |= proto::proxy_client_certificate_connection;
    ssl.verify = static_cast<std::uint32_t>(connection.verify_result());
  }
  ssl.sub_tlvs = proto::write_proxy_ssl(facts, memory.sub_tlvs);
  client.ssl = ssl;
}

// As HAProxy: ALPN and namespace are passed on unasked, and who asks for TLS learns that there is none.
std::size_t write_proxy_header(const config::SendProxy& wanted, proto::ProxyHeader client,
                               std::span<char, proto::proxy_header_written_bytes_max> out) {
  using config::ProxyOption;
  std::size_t size = 0;
  if (wanted.version == config::ProxyVersion::v1) {
    size = proto::write_proxy_v1(client, out);
  } else {
    if (!has(wanted, ProxyOption::authority)) client.authority.reset();
    if (!has(wanted, ProxyOption::unique_id)) client.unique_id.reset();
    std::array<char, proto::proxy_header_bytes_max> memory;
    if (!asks_for_tls(wanted)) {
      client.ssl.reset();
    } else if (!client.ssl) {
      client.ssl.emplace();
    } else {
      client.ssl->sub_tlvs = proto::proxy_ssl_wished(client.ssl->sub_tlvs, wish_of(wanted), memory);
    }
    size = proto::write_proxy_v2(client, has(wanted, ProxyOption::crc32c), out);
  }
  CORELANE_CHECK(size != 0);  // no header that was read is too long
  return size;
}

std::string own_proxy_header(const config::SendProxy& wanted, const base::Endpoint& here,
                             const base::Endpoint& there) {
  if (wanted.version == config::ProxyVersion::none) return {};
  proto::ProxyHeader header;
  if (wanted.version == config::ProxyVersion::v1) {
    header.local = false;
    header.source = here;
    header.destination = there;
  }
  std::array<char, proto::proxy_header_written_bytes_max> out;
  return {out.data(), write_proxy_header(wanted, header, out)};
}

}  // namespace corelane::proxy
