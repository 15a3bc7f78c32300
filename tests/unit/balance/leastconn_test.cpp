// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "farm.hpp"

using namespace corelane::balance;

TEST_CASE("the least loaded server for its weight is picked") {
  struct Row {
    std::vector<ServerView> servers;
    std::uint32_t expected;
  };
  for (const Row& row : {
           Row{{{.weight = 1, .connections = 3}, {.weight = 1, .connections = 2}}, 1},
           Row{{{.weight = 1, .connections = 0}, {.weight = 2, .connections = 0}}, 1},
           Row{{{.weight = 1, .connections = 0}, {.weight = 2, .connections = 2}}, 0},
           Row{{{.weight = 3, .connections = 1'000'000'000}, {.weight = 4, .connections = 1'333'333'332}}, 1},
           Row{{{.weight = 256, .connections = 4'294'967'295}, {.weight = 255, .connections = 4'294'967'294}},
               0},
           Row{{{.weight = 0, .connections = 0}, {.weight = 1, .connections = 9}}, 1},
       }) {
    Farm farm("leastconn", std::vector<std::uint32_t>(row.servers.size(), 1));
    farm.servers = row.servers;
    CHECK(farm.pick() == row.expected);
  }
}

TEST_CASE("equals take turns, and lanes begin at different ones") {
  Farm farm("leastconn", {1, 1, 1, 1});
  CHECK(picks_text(farm, 8) == "abcdabcd");
  farm.servers[1].connections = 1;
  CHECK(picks_text(farm, 6) == "acdacd");
  Farm other("leastconn", {1, 1, 1, 1}, 1, 2);
  CHECK(picks_text(other, 8) == "cdabcdab");
}

TEST_CASE("connections that stay are shared by weight") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Farm farm("leastconn", random_weights(random, 1 + random() % 10));
    const std::uint64_t total = farm.total_weight();
    for (std::uint64_t i = 0; i < 3 * total; ++i) ++farm.servers[farm.pick()].connections;
    for (const ServerView& server : farm.servers) CHECK(server.connections == 3 * server.weight);
  }
}
