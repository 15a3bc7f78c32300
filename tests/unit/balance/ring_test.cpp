// SPDX-License-Identifier: Apache-2.0
#include "balance/ring.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "farm.hpp"

using namespace corelane::balance;

namespace {

std::vector<std::uint32_t> servers_of(const Ring& ring) {
  std::vector<std::uint32_t> servers;
  for (std::size_t place = 0; place < ring.size(); ++place) servers.push_back(ring.server(place));
  return servers;
}

/// The server of the place whose distance is smallest, and of two the one before the hash.
std::uint32_t nearest_by_search(const std::vector<ServerView>& servers, std::uint32_t hash) {
  std::uint64_t smallest = UINT64_MAX;
  std::uint32_t nearest = no_server;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    for (std::uint32_t ordinal = 0; ordinal < servers[i].weight * 16; ++ordinal) {
      const std::uint32_t key = avalanche((i + 1) * 4096 + ordinal);
      const std::uint64_t before = std::uint64_t{hash - key} * 2;
      const std::uint64_t after = std::uint64_t{key - hash} * 2 + 1;
      if (std::min(before, after) >= smallest) continue;
      smallest = std::min(before, after);
      nearest = i;
    }
  }
  return nearest;
}

}  // namespace

TEST_CASE("a hash belongs to the nearest of 16 places for each unit of weight") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<ServerView> servers(1 + random() % 6);
    for (ServerView& server : servers) server.weight = static_cast<std::uint32_t>(random() % 5);
    servers[0].weight = 1;
    Ring ring;
    ring.update(servers);
    for (int i = 0; i < 200; ++i) {
      const auto hash = static_cast<std::uint32_t>(random());
      REQUIRE(ring.server(ring.nearest(hash)) == nearest_by_search(servers, hash));
    }
    for (const std::uint32_t hash : {0U, UINT32_MAX, avalanche(4096)})
      REQUIRE(ring.server(ring.nearest(hash)) == nearest_by_search(servers, hash));
  }
}

TEST_CASE("in the middle between two places the one before wins") {
  const std::vector<ServerView> servers{{.weight = 1}, {.weight = 1}};
  Ring ring;
  ring.update(servers);
  std::vector<std::uint32_t> keys;
  for (std::uint32_t number : {1U, 2U})
    for (std::uint32_t ordinal = 0; ordinal < 16; ++ordinal)
      keys.push_back(avalanche(number * 4096 + ordinal));
  std::sort(keys.begin(), keys.end());
  int middles = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::uint32_t distance = keys[(i + 1) % keys.size()] - keys[i];
    if (distance % 2 != 0) continue;
    ++middles;
    CHECK(ring.nearest(keys[i] + distance / 2) == i);
    CHECK(ring.nearest(keys[i] + distance / 2 + 1) == (i + 1) % keys.size());
  }
  CHECK(middles > 4);
}

TEST_CASE("a ring that changed is the same as a new one") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<ServerView> servers(1 + random() % 12);
    Ring ring;
    for (int change = 0; change < 10; ++change) {
      for (ServerView& server : servers)
        if (random() % 3 == 0)
          server.weight = random() % 2 == 0 ? 0 : static_cast<std::uint32_t>(random() % 40);
      const std::uint32_t unit = random() % 2 == 0 ? 1 : weight_fine;
      ring.update(servers, unit);
      Ring fresh;
      fresh.update(servers, unit);
      REQUIRE(servers_of(ring) == servers_of(fresh));
      std::uint32_t before = 0;
      for (std::size_t i = 0; i < servers.size(); ++i) {
        const std::uint32_t places = servers[i].weight * (16 / unit);
        REQUIRE(ring.places(i) == places);
        REQUIRE(ring.places_before(i) == before);
        before += places;
      }
      REQUIRE(ring.size() == before);
    }
  }
}
