// SPDX-License-Identifier: Apache-2.0
#include "proxy/send_proxy.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace corelane::proxy {

namespace {

bool has(const config::SendProxy& wanted, config::ProxyOption option) {
  return std::find(wanted.options.begin(), wanted.options.end(), option) != wanted.options.end();
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

// As HAProxy: ALPN and namespace are passed on unasked.
std::size_t write_proxy_header(const config::SendProxy& wanted, proto::ProxyHeader client,
                               std::span<char, proto::proxy_header_written_bytes_max> out) {
  using config::ProxyOption;
  std::size_t size = 0;
  if (wanted.version == config::ProxyVersion::v1) {
    size = proto::write_proxy_v1(client, out);
  } else {
    if (!has(wanted, ProxyOption::authority)) client.authority.reset();
    if (!has(wanted, ProxyOption::unique_id)) client.unique_id.reset();
    const bool with_name = has(wanted, ProxyOption::cert_cn);
    if (!with_name && !has(wanted, ProxyOption::ssl)) client.ssl.reset();
    std::array<char, proto::proxy_header_bytes_max> memory;
    if (client.ssl && !with_name)
      client.ssl->sub_tlvs = proto::proxy_ssl_without_cn(client.ssl->sub_tlvs, memory);
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
