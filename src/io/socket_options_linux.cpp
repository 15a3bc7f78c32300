// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "io/socket_options.hpp"

namespace corelane::io {

namespace {

// <linux/in6.h>, which does not go together with <netinet/in.h>.
constexpr int ipv6_freebind = 78;
constexpr int ipv6_transparent = 75;

bool set(Descriptor socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

bool set_flag(Descriptor socket, bool ipv6, int ipv4_option, int ipv6_option) {
  return ipv6 ? set(socket, IPPROTO_IPV6, ipv6_option, 1) : set(socket, IPPROTO_IP, ipv4_option, 1);
}

}  // namespace

SocketOptionFailure socket_set_options(Descriptor socket, base::Family family, const SocketOptions& options) {
  const bool ipv6 = family == base::Family::ipv6;
  const auto failed = [](SocketOption option) { return SocketOptionFailure{option, errno}; };
  if (!options.interface.empty() &&
      ::setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, options.interface.data(),
                   static_cast<socklen_t>(options.interface.size())) != 0) {
    return failed(SocketOption::interface);
  }
  if (options.transparent && !set_flag(socket, ipv6, IP_TRANSPARENT, ipv6_transparent))
    return failed(SocketOption::transparent);
  if (options.freebind && !set_flag(socket, ipv6, IP_FREEBIND, ipv6_freebind))
    return failed(SocketOption::freebind);
  if (options.mark != 0 && !set(socket, SOL_SOCKET, SO_MARK, static_cast<int>(options.mark)))
    return failed(SocketOption::mark);
  if (!options.tos) return {};
  if (!set(socket, IPPROTO_IP, IP_TOS, *options.tos)) return failed(SocketOption::tos);
  if (ipv6 && !set(socket, IPPROTO_IPV6, IPV6_TCLASS, *options.tos)) return failed(SocketOption::tos);
  return {};
}

bool address_is_local(const base::Endpoint& endpoint) {
  base::Endpoint any_port = endpoint;
  any_port.port = 0;
  const Descriptor socket = socket_open_stream(endpoint.family, {});
  if (socket < 0) return false;
  const bool local = socket_bind_source(socket, SocketAddress::from_endpoint(any_port)) == 0;
  (void)::close(socket);
  return local;
}

}  // namespace corelane::io
