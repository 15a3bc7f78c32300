// SPDX-License-Identifier: Apache-2.0
#include "control/check_place.hpp"

#include <algorithm>

namespace corelane::control {

io::SocketAddress first_source(const config::Server& server, base::Family family) {
  for (const config::SourceAddress& source : server.source.addresses) {
    if (source.endpoint.family == family) return io::SocketAddress::from_endpoint(source.endpoint);
  }
  return {};
}

std::unique_ptr<const CheckWay> way_of_checks(const proxy::Server& server, const io::SocketAddress& source) {
  CheckWay way{.source = source, .options = server.socket_options};
  way.options.transparent = false;
  if (source.size() == 0 && !way.options.any()) return nullptr;
  return std::make_unique<const CheckWay>(way);
}

base::TimeUs check_timeout_us(const config::Timeouts& timeouts, std::int64_t interval_ms) {
  if (timeouts.check_ms != 0) return base::ms_to_us(timeouts.check_ms);
  return base::ms_to_us(timeouts.connect_ms == 0 ? interval_ms : std::min(timeouts.connect_ms, interval_ms));
}

io::SocketAddress address_with_port(const io::SocketAddress& address, std::uint32_t port) {
  if (port == 0 || address.family() == base::Family::unix_socket) return address;
  base::Endpoint endpoint = address.endpoint();
  endpoint.port = static_cast<std::uint16_t>(port);
  return io::SocketAddress::from_endpoint(endpoint);
}

CheckTarget check_target(const proxy::Server& server, const io::SocketAddress* own_address,
                         const CheckTlsTarget& tls) {
  const config::ServerCheck& check = server.config->check;
  CheckTarget target;
  target.address = own_address != nullptr ? *own_address : server.address();
  const bool has_port = server.address().family() != base::Family::unix_socket;
  const std::uint32_t server_port = own_address != nullptr && has_port ? server.address().endpoint().port : 0;
  target.address = address_with_port(target.address, check.port != 0 ? check.port : server_port);
  target.way = way_of_checks(server, check.source.text.empty()
                                         ? first_source(*server.config, target.address.family())
                                         : io::SocketAddress::from_endpoint(check.source.endpoint));
  const config::SendProxy& send_proxy = server.config->send_proxy;
  // As HAProxy: what listens elsewhere is not what clients are sent to.
  const bool elsewhere = own_address != nullptr || check.port != 0;
  if (send_proxy.version != config::ProxyVersion::none && check.send_proxy.value_or(!elsewhere))
    target.send_proxy = &send_proxy;
  target.tls = tls;
  return target;
}

}  // namespace corelane::control
