// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "farm.hpp"

using namespace corelane::balance;

TEST_CASE("turns are interleaved") {
  struct Row {
    std::vector<std::uint32_t> weights;
    std::string picks;
  };
  for (const Row& row : {
           Row{{1}, "aaaa"},
           Row{{1, 1, 1}, "abcabc"},
           Row{{2, 1, 1}, "abacabac"},
           Row{{1, 0, 1}, "acac"},
           Row{{256, 256}, "abab"},
           Row{{1, 3}, "bbbabbba"},
           Row{{5, 1, 1}, "aaabaacaaabaac"},
       }) {
    Farm farm("roundrobin", row.weights);
    CHECK(picks_text(farm, static_cast<int>(row.picks.size())) == row.picks);
  }
}

TEST_CASE("after any number of picks every server is within one pick of its share") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Farm farm("roundrobin", random_weights(random, 1 + random() % 12));
    std::vector<double> counts(farm.servers.size());
    const double total = static_cast<double>(farm.total_weight());
    for (double picks = 1; picks <= 2000; ++picks) {
      ++counts[farm.pick()];
      for (std::size_t i = 0; i < counts.size(); ++i)
        REQUIRE(std::abs(counts[i] - picks * farm.servers[i].weight / total) < 1.0);
    }
  }
}

TEST_CASE("a thousand servers take turns") {
  Farm farm("roundrobin", std::vector<std::uint32_t>(1000, 7));
  for (std::uint32_t round = 0; round < 2; ++round)
    for (std::uint32_t i = 0; i < 1000; ++i) REQUIRE(farm.pick() == i);
}

TEST_CASE("lanes start evenly spread") {
  std::string first_picks;
  for (std::uint32_t lane = 0; lane < 4; ++lane) {
    Farm farm("roundrobin", {1, 1, 1, 1, 1, 1, 1, 1}, lane, 4);
    first_picks += picks_text(farm, 1);
  }
  CHECK(first_picks == "aceg");
  first_picks.clear();
  for (std::uint32_t lane = 0; lane < 8; ++lane) {
    Farm farm("roundrobin", {2, 1, 1}, lane, 8);
    first_picks += picks_text(farm, 1);
  }
  CHECK(first_picks == "aabbaacc");
}

TEST_CASE("a server that comes back gets its share, not what it missed") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Farm farm("roundrobin", random_weights(random, 2 + random() % 6));
    const std::uint32_t weight = farm.servers[0].weight;
    for (std::uint64_t i = random() % 50; i > 0; --i) farm.pick();
    farm.set_weight(0, 0);
    for (std::uint64_t i = random() % 500; i > 0; --i) REQUIRE(farm.pick() != 0);
    farm.set_weight(0, weight);
    const double share = weight / static_cast<double>(farm.total_weight());
    double count = 0;
    for (int picks = 1; picks <= 500; ++picks) {
      if (farm.pick() == 0) ++count;
      REQUIRE(std::abs(count - picks * share) < 2.0);
    }
  }
}

TEST_CASE("a server that was full gets no burst either") {
  Farm farm("roundrobin", {1, 1, 1});
  farm.servers[0].connections_max = farm.servers[0].connections = 1;
  for (int i = 0; i < 101; ++i) REQUIRE(farm.pick() != 0);
  farm.servers[0].connections = 0;
  int count = 0;
  for (int i = 0; i < 9; ++i) count += farm.pick() == 0 ? 1 : 0;
  CHECK(count >= 3);
  CHECK(count <= 4);
}

TEST_CASE("weights that change all the time leave every window near its share") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Farm farm("roundrobin", random_weights(random, 2 + random() % 8));
    std::vector<double> distance(farm.servers.size());  // picks made minus picks owed
    for (int step = 0; step < 400; ++step) {
      const std::uint32_t weight = static_cast<std::uint32_t>(1 + random() % 256);
      farm.set_weight(random() % farm.servers.size(), weight);
      for (std::uint64_t picks = random() % 20; picks > 0; --picks) {
        const double total = static_cast<double>(farm.total_weight());
        for (std::size_t i = 0; i < distance.size(); ++i) distance[i] -= farm.servers[i].weight / total;
        ++distance[farm.pick()];
      }
    }
    for (double picks : distance) CHECK(std::abs(picks) < 12.0);
  }
}
