// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "farm.hpp"

using namespace corelane::balance;

TEST_CASE("the hash modulo the size of the map decides") {
  Farm farm("source", {2, 0, 1, 3});
  const std::string map = "adadcd";
  for (std::uint32_t hash = 0; hash < 24; ++hash) {
    const auto expected = static_cast<std::uint32_t>(map[hash % 6] - 'a');
    CHECK(farm.pick_hash(hash) == expected);
  }
}

TEST_CASE("the next usable server stands in for one that failed or is full") {
  Farm farm("source", {1, 1, 0, 1});
  CHECK(farm.pick({.key_hash = 1, .avoid = 1}) == 3);
  CHECK(farm.pick({.key_hash = 2, .avoid = 3}) == 0);
  farm.servers[1].connections = farm.servers[1].connections_max = 9;
  CHECK(farm.pick_hash(1) == 3);
  CHECK(farm.pick_hash(0) == 0);  // a full server moves no other's clients
  CHECK(farm.pick_hash(2) == 3);
}

TEST_CASE("lanes agree") {
  for (const Hash& hash : {Hash{}, consistent}) {
    for (std::uint32_t key = 0; key < 100; ++key) {
      Farm one("hash", {3, 1, 4}, 0, 2, hash);
      Farm other("hash", {3, 1, 4}, 1, 2, hash);
      other.pick_hash(avalanche(key + 1));
      CHECK(one.pick_hash(avalanche(key)) == other.pick_hash(avalanche(key)));
    }
  }
}

TEST_CASE("on a ring only the keys of a server that goes move, and they come back with it") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Farm farm("hash", random_weights(random, 3 + random() % 8), 0, 1, consistent);
    farm.set_weight(1, 50);
    farm.set_weight(2, 50);
    std::vector<std::uint32_t> before;
    for (std::uint32_t key = 0; key < 2000; ++key) before.push_back(farm.pick_hash(avalanche(key)));
    REQUIRE(std::count(before.begin(), before.end(), 1) > 0);
    farm.set_weight(1, 0);
    for (std::uint32_t key = 0; key < 2000; ++key) {
      const std::uint32_t after = farm.pick_hash(avalanche(key));
      REQUIRE((before[key] == 1 ? after != 1 : after == before[key]));
    }
    farm.set_weight(1, 50);
    for (std::uint32_t key = 0; key < 2000; ++key) REQUIRE(farm.pick_hash(avalanche(key)) == before[key]);
  }
}

TEST_CASE("what is kept from a server on a ring spreads over the others") {
  Farm farm("hash", {100, 100, 100, 100}, 0, 1, consistent);
  std::vector<int> stand_ins(4);
  for (std::uint32_t key = 0; key < 4000; ++key) {
    const std::uint32_t hash = avalanche(key);
    const std::uint32_t first = farm.pick_hash(hash);
    if (first == 0) ++stand_ins[farm.pick({.key_hash = hash, .avoid = 0})];
  }
  for (std::size_t i = 1; i < 4; ++i) CHECK(stand_ins[i] > 200);
}

TEST_CASE("clients without an address take turns") {
  Farm map("source", {2, 1});
  CHECK(picks_text(map, 6) == "aabaab");
  Farm ring("source", {2, 1}, 0, 1, consistent);
  const std::string round = picks_text(ring, 48);
  CHECK(std::count(round.begin(), round.end(), 'a') == 32);
  CHECK(picks_text(ring, 48) == round);
}

TEST_CASE("bounded loads: nobody gets more than its part of the mean, whatever the hashes") {
  for (const std::uint32_t factor : {101U, 125U, 200U}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(factor);
      CAPTURE(seed);
      std::mt19937_64 random(seed);
      Farm farm("hash", random_weights(random, 1 + random() % 8), 0, 1, consistent);
      farm.options.hash_balance_factor = factor;
      const auto total = static_cast<double>(farm.total_weight());
      for (int connections = 1; connections <= 500; ++connections) {
        // A third of the clients have one address.
        const std::uint32_t key = random() % 3 == 0 ? 7 : static_cast<std::uint32_t>(random());
        ServerView& server = farm.servers[farm.pick_hash(key)];
        ++server.connections;
        const double share = connections * static_cast<double>(server.weight) / total * factor / 100.0;
        // The first connection of a server is always allowed, and slots are whole ones.
        REQUIRE(server.connections <= std::max(1.0, share + 2.0));
      }
    }
  }
}

TEST_CASE("bounds are rounded up, and what is left over is shared out in the order of the file") {
  struct Row {
    std::uint32_t factor;
    std::vector<std::uint32_t> connections;
    std::string owners;  // of keys of a, b, c in this order
  };
  for (const Row& row : {
           Row{101, {1, 1, 1}, "cbc"},  // 5 slots for 4 connections: 1, 2 and 2
           Row{200, {2, 2, 2}, "abc"},
       }) {
    Farm farm("hash", {1, 1, 1}, 0, 1, consistent);
    std::vector<std::uint32_t> keys;
    for (std::uint32_t server = 0; server < 3; ++server) {
      std::uint32_t key = 0;
      while (farm.pick_hash(avalanche(key)) != server) ++key;
      keys.push_back(avalanche(key));
    }
    farm.options.hash_balance_factor = row.factor;
    for (std::size_t i = 0; i < 3; ++i) farm.servers[i].connections = row.connections[i];
    std::string owners;
    for (const std::uint32_t key : keys) owners += static_cast<char>('a' + farm.pick_hash(key));
    CHECK(owners == row.owners);
  }
}

TEST_CASE("with a bound that nobody reaches hashes go where they would without one") {
  Farm bounded("hash", {1, 2, 3}, 0, 1, consistent);
  bounded.options.hash_balance_factor = 100'000;
  Farm free("hash", {1, 2, 3}, 0, 1, consistent);
  for (std::uint32_t key = 0; key < 500; ++key)
    CHECK(bounded.pick_hash(avalanche(key)) == free.pick_hash(avalanche(key)));
}

TEST_CASE("when all that are below their bound are full or failed, the next with room takes the connection") {
  Farm farm("hash", {1, 1}, 0, 1, consistent);
  farm.options.hash_balance_factor = 110;
  farm.servers[0].connections = 10;
  farm.servers[1].connections = farm.servers[1].connections_max = 1;
  for (std::uint32_t key = 0; key < 50; ++key) CHECK(farm.pick_hash(avalanche(key)) == 0);
}

TEST_CASE("on a ring a change moves keys to or from the changed server alone, at most about its share") {
  constexpr std::uint32_t keys = 4000;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<std::uint32_t> weights(3 + random() % 6);
    for (std::uint32_t& weight : weights) weight = static_cast<std::uint32_t>(40 + random() % 80);
    Farm farm("uri", weights, 0, 1, consistent);
    std::vector<std::uint32_t> owners(keys);
    const auto owner = [&](std::uint32_t key) { return farm.pick_hash(avalanche(key)); };
    for (std::uint32_t key = 0; key < keys; ++key) owners[key] = owner(key);
    for (int change = 0; change < 12; ++change) {
      const std::size_t changed = random() % weights.size();
      const std::uint32_t before = farm.servers[changed].weight;
      const std::uint64_t total_before = farm.total_weight();
      const auto after = static_cast<std::uint32_t>(random() % 3 == 0 ? 0 : 40 + random() % 80);
      if (after == 0 && total_before == before) continue;  // somebody must stay
      farm.set_weight(changed, after);
      std::uint32_t moved = 0;
      for (std::uint32_t key = 0; key < keys; ++key) {
        const std::uint32_t now = owner(key);
        if (now == owners[key]) continue;
        ++moved;
        REQUIRE((after > before ? now : owners[key]) == changed);
        owners[key] = now;
      }
      const double share_before = before / static_cast<double>(total_before);
      const double share_after = after / static_cast<double>(farm.total_weight());
      CHECK(moved <= keys * (std::abs(share_after - share_before) + 0.04));
    }
  }
}
