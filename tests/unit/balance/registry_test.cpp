// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "balance/candidate.hpp"
#include "farm.hpp"

using namespace corelane::balance;

TEST_CASE("find knows every row by its name and no other") {
  CHECK(registry().size() == 10);
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

/// The hash types that differ for an algorithm.
std::vector<Hash> hashes_of(const Algorithm& algorithm) {
  if (algorithm.key_hash == nullptr) return {{}};
  return {{}, consistent};
}

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

void exercise(std::string_view name, std::size_t count, int steps, std::uint64_t seed, const Hash& hash) {
  CAPTURE(name);
  CAPTURE(static_cast<int>(hash.type));
  CAPTURE(count);
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::vector<std::uint32_t> weights = random_weights(random, count);
  if (count == 1000)
    for (std::uint32_t& weight : weights) weight = (weight + 31) / 32;  // rings get long
  Farm farm(name, weights, static_cast<std::uint32_t>(seed % 3), 3, hash);
  if (random() % 2 == 0) farm.options.hash_balance_factor = 120;
  for (int step = 0; step < steps; ++step) {
    PickInput input{.key_hash = static_cast<std::uint32_t>(random()), .random = random()};
    if (random() % 4 == 0) input.key_hash.reset();
    if (random() % 3 == 0) input.avoid = static_cast<std::uint32_t>(random() % count);
    require_sound_pick(farm, input);
    if (random() % 4 == 0) change_something(farm, random);
  }
}

}  // namespace

TEST_CASE("every algorithm picks open servers only, and the failed one only as the last") {
  for (const Algorithm& algorithm : registry()) {
    for (const Hash& hash : hashes_of(algorithm)) {
      const int steps = hash == consistent ? 40 : 200;
      for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        for (std::size_t count : {1U, 2U, 3U, 17U}) exercise(algorithm.name, count, steps, seed, hash);
      }
      exercise(algorithm.name, 1000, steps / 10, 100, hash);
    }
  }
}

TEST_CASE("without servers, with all switched off and with all full there is no server") {
  for (const Algorithm& algorithm : registry()) {
    for (const Hash& hash : hashes_of(algorithm)) {
      CAPTURE(algorithm.name);
      Farm none(algorithm.name, {}, 0, 1, hash);
      CHECK(none.pick() == no_server);
      CHECK(none.pick_hash(1) == no_server);
      Farm off(algorithm.name, {0, 0}, 0, 1, hash);
      CHECK(off.pick() == no_server);
      CHECK(off.pick({.key_hash = 5, .avoid = 1}) == no_server);
      Farm full(algorithm.name, {1, 1}, 0, 1, hash);
      for (ServerView& server : full.servers) server.connections = server.connections_max = 5;
      CHECK(full.pick({.key_hash = 5, .avoid = 0}) == no_server);
      full.servers[1].connections = 4;
      CHECK(full.pick() == 1);
      CHECK(full.pick({.key_hash = 6, .avoid = 1}) == 1);
    }
  }
}

TEST_CASE("all off and back on") {
  for (const Algorithm& algorithm : registry()) {
    for (const Hash& hash : hashes_of(algorithm)) {
      CAPTURE(algorithm.name);
      Farm farm(algorithm.name, {1, 1}, 0, 1, hash);
      CHECK(farm.pick_hash(9) != no_server);
      farm.set_weight(0, 0);
      farm.set_weight(1, 0);
      CHECK(farm.pick_hash(9) == no_server);
      farm.set_weight(1, 7);
      CHECK(farm.pick_hash(9) == 1);
    }
  }
}

namespace {

/// Each server's share of many picks, less what its weight says.
std::vector<double> share_errors(Farm& farm, std::mt19937_64& random, bool hashed) {
  constexpr int picks = 40'000;
  std::vector<double> errors(farm.servers.size());
  for (int i = 0; i < picks; ++i) {
    PickInput input{.random = random()};
    if (hashed) input.key_hash = static_cast<std::uint32_t>(random());
    errors[farm.pick(input)] += 1.0 / picks;
  }
  const auto total = static_cast<double>(farm.total_weight());
  for (std::size_t i = 0; i < errors.size(); ++i) errors[i] -= farm.servers[i].weight / total;
  return errors;
}

}  // namespace

TEST_CASE("connections are shared by weight, with a key and without") {
  for (const Algorithm& algorithm : registry()) {
    if (algorithm.name == "first" || algorithm.name == "leastconn") continue;  // connections decide
    for (const bool hashed : {false, true}) {
      for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        CAPTURE(algorithm.name);
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        Farm farm(algorithm.name, random_weights(random, 1 + random() % 12));
        for (const double error : share_errors(farm, random, hashed))
          CHECK(std::abs(error) < 0.012);  // about five standard deviations
      }
    }
  }
}

TEST_CASE("a ring shares by weight as well as its places allow") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<std::uint32_t> weights(2 + random() % 8);
    for (std::uint32_t& weight : weights) weight = static_cast<std::uint32_t>(20 + random() % 200);
    Farm farm("hash", weights, 0, 1, consistent);
    for (const double error : share_errors(farm, random, true)) CHECK(std::abs(error) < 0.03);
    for (const double error : share_errors(farm, random, false)) CHECK(std::abs(error) < 0.012);
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
