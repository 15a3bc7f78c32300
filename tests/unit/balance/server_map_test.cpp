// SPDX-License-Identifier: Apache-2.0
#include "balance/server_map.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "farm.hpp"

using namespace corelane::balance;

namespace {

std::vector<ServerView> views_of(const std::vector<std::uint32_t>& weights) {
  std::vector<ServerView> views;
  for (const std::uint32_t weight : weights) views.push_back({.weight = weight});
  return views;
}

std::vector<std::uint32_t> map_of(const std::vector<std::uint32_t>& weights) {
  ServerMap map;
  map.build(views_of(weights));
  std::vector<std::uint32_t> servers;
  for (std::size_t place = 0; place < map.size(); ++place) servers.push_back(map.server(place));
  return servers;
}

std::string text_of(const std::vector<std::uint32_t>& servers) {
  std::string text;
  for (const std::uint32_t server : servers) text += static_cast<char>('a' + server);
  return text;
}

/// HAProxy's rule, looking at every server for every place, in undivided weights.
std::vector<std::uint32_t> map_by_scores(const std::vector<std::uint32_t>& weights) {
  const std::int64_t total = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  std::vector<std::int64_t> scores(weights.size());
  std::vector<std::uint32_t> servers;
  for (std::int64_t place = 0; place < total; ++place) {
    std::size_t best = SIZE_MAX;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0) continue;
      scores[i] += weights[i];
      if (best == SIZE_MAX || (scores[i] + total) / total > (scores[best] + total) / total) best = i;
    }
    servers.push_back(static_cast<std::uint32_t>(best));
    scores[best] -= total;
  }
  return servers;
}

}  // namespace

TEST_CASE("servers stand in the map by weight, in units of what the weights have in common") {
  CHECK(text_of(map_of({})) == "");
  CHECK(text_of(map_of({0, 0})) == "");
  CHECK(text_of(map_of({0, 5})) == "b");
  CHECK(text_of(map_of({1, 1, 1})) == "abc");
  CHECK(text_of(map_of({2, 1})) == "aab");
  CHECK(text_of(map_of({10, 0, 30, 20})) == text_of(map_of({1, 0, 3, 2})));
  CHECK(text_of(map_of({256, 256})) == "ab");
}

TEST_CASE("every place has HAProxy's server, who divides less or not at all") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<std::uint32_t> weights = random_weights(random, 1 + random() % (seed % 10 == 0 ? 300 : 12));
    const auto factor = static_cast<std::uint32_t>(1 + random() % 3);
    for (std::uint32_t& weight : weights) weight *= factor;
    const std::vector<std::uint32_t> expected = map_by_scores(weights);
    const std::vector<std::uint32_t> map = map_of(weights);
    REQUIRE(expected.size() % map.size() == 0);
    for (std::size_t place = 0; place < expected.size(); ++place)
      REQUIRE(expected[place] == map[place % map.size()]);
  }
}

TEST_CASE("a map is made anew in the place of the old one") {
  ServerMap map;
  map.build(views_of({1, 1, 1}));
  map.build(views_of({1, 0, 1}));
  CHECK(map.size() == 2);
  CHECK(map.server(1) == 2);
}

TEST_CASE("the largest map") {
  std::vector<std::uint32_t> weights(servers_max, table_weight_max / servers_max);
  weights[0] -= 1;  // nothing in common
  const std::vector<std::uint32_t> map = map_of(weights);
  REQUIRE(map.size() == table_weight_max - 1);
  for (std::size_t place = 0; place < servers_max; ++place) REQUIRE(map[place] == place);
}
