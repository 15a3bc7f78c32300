// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "io/socket.hpp"

using corelane::base::Endpoint;
using corelane::base::Family;
using corelane::io::SocketAddress;

TEST_CASE("an endpoint comes back from its socket address") {
  Endpoint v4{.ip = {127, 0, 0, 2}, .port = 3306, .family = Family::ipv4};
  Endpoint v6{.ip = {}, .port = 443, .family = Family::ipv6};
  v6.ip[15] = 1;
  for (const Endpoint& endpoint : {v4, v6}) {
    const SocketAddress address = SocketAddress::from_endpoint(endpoint);
    CHECK(address.family() == endpoint.family);
    CHECK(address.endpoint() == endpoint);
    CHECK(SocketAddress::from_kernel(address.data(), address.size()).endpoint() == endpoint);
  }
  CHECK(SocketAddress::from_endpoint(v4).size() == 16);
  CHECK(SocketAddress::from_endpoint(v6).size() == 28);
}

TEST_CASE("a UNIX path fits up to 107 bytes; an abstract name carries no final zero") {
  CHECK(SocketAddress::from_unix_path("/run/a").size() == 2 + 6 + 1);
  CHECK(SocketAddress::from_unix_path("@name").size() == 2 + 5);
  CHECK(SocketAddress::from_unix_path(std::string(107, 'x')).size() == 2 + 108);
  CHECK(SocketAddress::from_unix_path(std::string(108, 'x')).size() == 0);
  CHECK(SocketAddress::from_unix_path("").size() == 0);
  CHECK(SocketAddress::from_unix_path("/run/a").family() == Family::unix_socket);
}
