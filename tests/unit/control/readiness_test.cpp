// SPDX-License-Identifier: Apache-2.0
#include "control/readiness.hpp"

#include <doctest/doctest.h>

using namespace corelane;
using control::readiness_of;
using control::usable_servers;
using proxy::ServerStatus;

namespace {

config::Server server(const char* name, std::uint32_t weight, bool backup) {
  config::Server result;
  result.name = name;
  result.weight = weight;
  result.backup = backup;
  return result;
}

config::Model model() {
  config::Model result;
  result.backends.resize(2);
  result.backends[0].name = "bk";
  result.backends[0].servers = {server("s1", 1, false), server("s2", 1, false), server("spare", 1, true),
                                server("drained", 0, false)};
  result.backends[1].name = "empty";
  return result;
}

}  // namespace

TEST_CASE("usable servers are up and have a weight") {
  proxy::Topology topology(model(), {std::vector<io::SocketAddress>(4), {}});
  const proxy::Backend& backend = topology.backends()[0];
  CHECK(usable_servers(backend).active == 2);
  CHECK(usable_servers(backend).backup == 1);
  topology.publish(0, 0, {.status = ServerStatus::down});
  topology.publish(0, 2, {.status = ServerStatus::down});
  CHECK(usable_servers(backend).active == 1);
  CHECK(usable_servers(backend).backup == 0);
}

TEST_CASE("ready needs a usable server in every backend that has servers, and a process that accepts") {
  proxy::Topology topology(model(), {std::vector<io::SocketAddress>(4), {}});
  CHECK(readiness_of(topology, true).ready());
  CHECK_FALSE(readiness_of(topology, false).ready());
  topology.publish(0, 0, {.status = ServerStatus::down});
  topology.publish(0, 1, {.status = ServerStatus::down});
  CHECK(readiness_of(topology, true).ready());
  topology.publish(0, 2, {.status = ServerStatus::down});
  CHECK_FALSE(readiness_of(topology, true).ready());
  CHECK(readiness_of(topology, true).backends_unavailable == std::vector<std::string>{"bk"});
  topology.publish(0, 1, {.status = ServerStatus::up});
  CHECK(readiness_of(topology, true).ready());
}
