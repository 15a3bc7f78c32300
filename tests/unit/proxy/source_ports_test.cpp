// SPDX-License-Identifier: Apache-2.0
#include "proxy/source_ports.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace corelane;
using namespace corelane::proxy;

TEST_CASE("lanes share a range out without a port in common and without a port left over") {
  const PortRuns all = {{1025, 3}, {2000, 1}, {3000, 6}};
  CHECK(port_count(all) == 10);
  for (std::uint32_t lanes = 1; lanes <= 10; ++lanes) {
    std::set<std::uint32_t> ports;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const PortRuns share = ports_of_lane(all, lane, lanes);
      CHECK(port_count(share) >= 10 / lanes);
      for (const PortRun& run : share) {
        for (std::uint32_t port = run.first; port < run.first + run.count; ++port)
          CHECK(ports.insert(port).second);
      }
    }
    CHECK(ports == std::set<std::uint32_t>{1025, 1026, 1027, 2000, 3000, 3001, 3002, 3003, 3004, 3005});
  }
  CHECK(ports_of_lane(all, 0, 20).empty());
  CHECK(ports_of_lane({{1025, 64'511}}, 1023, 1024).back() == PortRun{65'473, 63});
}

TEST_CASE("a ring goes through every run of its ports") {
  PortRing ring({{5000, 2}, {6000, 1}}, 1);
  CHECK(ring.left() == 3);
  CHECK(ring.take() == 5001);
  CHECK(ring.take() == 6000);
  CHECK(ring.take() == 5000);
  CHECK(ring.take() == 0);
}

TEST_CASE("the port that was returned longest ago comes first, after those never used") {
  PortRing ring({{5000, 3}}, 7);
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
  PortRing ring({{65'000, 536}}, 0);
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
