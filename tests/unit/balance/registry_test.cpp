// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "balance/candidate.hpp"
#include "farm.hpp"

using namespace corelane::balance;

TEST_CASE("find knows every row by its name and no other") {
  CHECK(registry().size() == 5);
  for (std::uint32_t i = 0; i < registry().size(); ++i) {
    CHECK(find(registry()[i].name) == i);
    CHECK_FALSE(registry()[i].help.empty());
    CHECK((registry()[i].pick != nullptr));
    CHECK((registry()[i].changed != nullptr));
  }
  CHECK(find("roundrobi") == no_server);
  CHECK(find("") == no_server);
  CHECK(registry()[find("source")].deterministic);
  CHECK(registry()[find("leastconn")].needs_connections);
}

namespace {

/// What must hold of every pick, whatever the algorithm.
void require_sound_pick(Farm& farm, const PickInput& input) {
  bool any_open = false;
  bool another_open = false;
  for (std::uint32_t i = 0; i < farm.servers.size(); ++i) {
    any_open = any_open || open(farm.servers[i]);
    another_open = another_open || candidate(farm.servers, i, input);
  }
  const std::uint32_t picked = farm.pick(input);
  if (!any_open) {
    REQUIRE(picked == no_server);
    return;
  }
  REQUIRE(picked < farm.servers.size());
  REQUIRE(open(farm.servers[picked]));
  if (another_open) REQUIRE(picked != input.avoid);
}

void change_something(Farm& farm, std::mt19937_64& random) {
  const std::size_t index = random() % farm.servers.size();
  ServerView& server = farm.servers[index];
  switch (random() % 4) {
    case 0:
      return farm.set_weight(index, static_cast<std::uint32_t>(random() % 4 == 0 ? 0 : random() % 257));
    case 1:
      server.connections_max = static_cast<std::uint32_t>(random() % 3);
      return;
    default:
      server.connections = static_cast<std::uint32_t>(random() % 3);
  }
}

void exercise(std::string_view name, std::size_t count, int steps, std::uint64_t seed) {
  CAPTURE(name);
  CAPTURE(count);
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Farm farm(name, random_weights(random, count), static_cast<std::uint32_t>(seed % 3), 3);
  for (int step = 0; step < steps; ++step) {
    PickInput input{.source_hash = random(), .random = random()};
    if (random() % 3 == 0) input.avoid = static_cast<std::uint32_t>(random() % count);
    require_sound_pick(farm, input);
    if (random() % 4 == 0) change_something(farm, random);
  }
}

}  // namespace

TEST_CASE("every algorithm picks open servers only, and the failed one only as the last") {
  for (const Algorithm& algorithm : registry()) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      for (std::size_t count : {1U, 2U, 3U, 17U}) exercise(algorithm.name, count, 200, seed);
    }
    exercise(algorithm.name, 1000, 200, 99);
  }
}

TEST_CASE("without servers, with all switched off and with all full there is no server") {
  for (const Algorithm& algorithm : registry()) {
    CAPTURE(algorithm.name);
    Farm none(algorithm.name, {});
    CHECK(none.pick() == no_server);
    Farm off(algorithm.name, {0, 0});
    CHECK(off.pick() == no_server);
    CHECK(off.pick({.avoid = 1}) == no_server);
    Farm full(algorithm.name, {1, 1});
    for (ServerView& server : full.servers) server.connections = server.connections_max = 5;
    CHECK(full.pick({.avoid = 0}) == no_server);
    full.servers[1].connections = 4;
    CHECK(full.pick() == 1);
    CHECK(full.pick({.avoid = 1}) == 1);
  }
}

TEST_CASE("all off and back on") {
  for (const Algorithm& algorithm : registry()) {
    CAPTURE(algorithm.name);
    Farm farm(algorithm.name, {1, 1});
    CHECK(farm.pick() != no_server);
    farm.set_weight(0, 0);
    farm.set_weight(1, 0);
    CHECK(farm.pick() == no_server);
    farm.set_weight(1, 7);
    CHECK(farm.pick() == 1);
  }
}

TEST_CASE("roundrobin, source and random share by weight") {
  constexpr std::uint64_t picks = 40'000;
  for (std::string_view name : {"roundrobin", "source", "random"}) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      CAPTURE(name);
      CAPTURE(seed);
      std::mt19937_64 random(seed);
      Farm farm(name, random_weights(random, 1 + random() % 12));
      std::vector<double> counts(farm.servers.size());
      for (std::uint64_t i = 0; i < picks; ++i)
        ++counts[farm.pick({.source_hash = random(), .random = random()})];
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const double share =
            static_cast<double>(farm.servers[i].weight) / static_cast<double>(farm.total_weight());
        CHECK(std::abs(counts[i] / picks - share) < 0.012);  // about five standard deviations
      }
    }
  }
}

TEST_CASE("first fills servers in their order") {
  Farm farm("first", {1, 0, 256, 1});
  for (ServerView& server : farm.servers) server.connections_max = 2;
  std::string picked;
  for (int i = 0; i < 6; ++i) {
    const std::uint32_t server = farm.pick();
    picked += static_cast<char>('a' + server);
    ++farm.servers[server].connections;
  }
  CHECK(picked == "aaccdd");
  CHECK(farm.pick() == no_server);
  farm.servers[2].connections = 1;
  CHECK(farm.pick() == 2);
}
