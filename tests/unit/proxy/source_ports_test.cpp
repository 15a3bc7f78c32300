// SPDX-License-Identifier: Apache-2.0
#include "proxy/source_ports.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace corelane;
using namespace corelane::proxy;

TEST_CASE("lanes share a range out without a port in common and without a port left over") {
  config::SourceAddress address;
  address.port_first = 1025;
  address.port_last = 1034;
  for (std::uint32_t lanes = 1; lanes <= 10; ++lanes) {
    std::set<std::uint32_t> ports;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const PortSlice slice = port_slice(address, lane, lanes);
      CHECK(slice.count >= 1);
      for (std::uint32_t port = slice.first; port < slice.first + slice.count; ++port) {
        CHECK(ports.insert(port).second);
      }
    }
    CHECK(ports.size() == 10);
    CHECK(*ports.begin() == 1025);
    CHECK(*ports.rbegin() == 1034);
  }
  address.port_last = 65'535;
  CHECK(port_slice(address, 1023, 1024).first + port_slice(address, 1023, 1024).count == 65'536);
}

TEST_CASE("the port that was returned longest ago comes first, after those never used") {
  PortRing ring({.first = 5000, .count = 3}, 7);
  CHECK(ring.left() == 3);
  CHECK(ring.take() == 5001);
  CHECK(ring.take() == 5002);
  ring.give_back(5002);
  ring.give_back(5001);
  CHECK(ring.left() == 3);
  CHECK(ring.take() == 5000);
  CHECK(ring.take() == 5002);
  CHECK(ring.take() == 5001);
  CHECK(ring.take() == 0);
  CHECK(ring.left() == 0);
  ring.give_back(5000);
  CHECK(ring.take() == 5000);
}

TEST_CASE("a ring goes round as often as it likes") {
  PortRing ring({.first = 65'000, .count = 536}, 0);
  std::uint16_t before = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::uint16_t port = ring.take();
    REQUIRE(port >= 65'000);
    REQUIRE(port != before);
    ring.give_back(port);
    before = port;
  }
  CHECK(ring.left() == 536);
}

TEST_CASE("an empty slice has nothing to give") {
  PortRing ring({}, 3);
  CHECK(ring.left() == 0);
  CHECK(ring.take() == 0);
}
