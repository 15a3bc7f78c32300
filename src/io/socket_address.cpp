// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "io/socket.hpp"

namespace corelane::io {

static_assert(SocketAddress::bytes_max >= sizeof(sockaddr_un));
static_assert(SocketAddress::bytes_max >= sizeof(sockaddr_in6));

SocketAddress SocketAddress::from_endpoint(const base::Endpoint& endpoint) {
  SocketAddress address;
  if (endpoint.family == base::Family::ipv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.ip.data(), sizeof in.sin_addr);
    std::memcpy(address.storage_, &in, sizeof in);
    address.size_ = sizeof in;
  } else if (endpoint.family == base::Family::ipv6) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    std::memcpy(&in.sin6_addr, endpoint.ip.data(), sizeof in.sin6_addr);
    std::memcpy(address.storage_, &in, sizeof in);
    address.size_ = sizeof in;
  }
  return address;
}

SocketAddress SocketAddress::from_unix_path(std::string_view path) {
  SocketAddress address;
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  // A file's path ends with a zero byte; an abstract name begins with one and is as long as it says.
  if (path.empty() || path.size() >= sizeof un.sun_path) return address;
  std::memcpy(un.sun_path, path.data(), path.size());
  std::size_t path_bytes = path.size() + 1;
  if (path.front() == '@') {
    un.sun_path[0] = '\0';
    path_bytes = path.size();
  }
  const std::size_t size = offsetof(sockaddr_un, sun_path) + path_bytes;
  std::memcpy(address.storage_, &un, size);
  address.size_ = static_cast<std::uint32_t>(size);
  return address;
}

SocketAddress SocketAddress::from_kernel(const void* address, std::uint32_t size) {
  SocketAddress copy;
  copy.size_ = std::min<std::uint32_t>(size, bytes_max);
  std::memcpy(copy.storage_, address, copy.size_);
  return copy;
}

base::Family SocketAddress::family() const noexcept {
  if (size_ == 0) return base::Family::none;
  sa_family_t family = AF_UNSPEC;
  std::memcpy(&family, storage_ + offsetof(sockaddr, sa_family), sizeof family);
  switch (family) {
    case AF_INET:
      return base::Family::ipv4;
    case AF_INET6:
      return base::Family::ipv6;
    case AF_UNIX:
      return base::Family::unix_socket;
    default:
      return base::Family::none;
  }
}

base::Endpoint SocketAddress::endpoint() const noexcept {
  base::Endpoint endpoint;
  endpoint.family = family();
  if (endpoint.family == base::Family::ipv4) {
    sockaddr_in in{};
    std::memcpy(&in, storage_, sizeof in);
    std::memcpy(endpoint.ip.data(), &in.sin_addr, sizeof in.sin_addr);
    endpoint.port = ntohs(in.sin_port);
  } else if (endpoint.family == base::Family::ipv6) {
    sockaddr_in6 in{};
    std::memcpy(&in, storage_, sizeof in);
    std::memcpy(endpoint.ip.data(), &in.sin6_addr, sizeof in.sin6_addr);
    endpoint.port = ntohs(in.sin6_port);
  }
  return endpoint;
}

}  // namespace corelane::io
