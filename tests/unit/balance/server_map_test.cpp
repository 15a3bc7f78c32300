// SPDX-License-Identifier: Apache-2.0
#include "balance/server_map.hpp"

#include <doctest/doctest.h>

#include "farm.hpp"

using namespace corelane::balance;

namespace {

std::vector<ServerView> views_of(const std::vector<std::uint32_t>& weights) {
  std::vector<ServerView> views;
  for (const std::uint32_t weight : weights) views.push_back({.weight = weight});
  return views;
}

std::vector<std::uint32_t> map_of(const std::vector<std::uint32_t>& weights, std::uint32_t divisor) {
  ServerMap map;
  map.build(views_of(weights), divisor);
  std::vector<std::uint32_t> servers;
  for (std::size_t place = 0; place < map.size(); ++place) servers.push_back(map.server(place));
  return servers;
}

std::string text_of(const std::vector<std::uint32_t>& servers) {
  std::string text;
  for (const std::uint32_t server : servers) text += static_cast<char>('a' + server);
  return text;
}

/// HAProxy's rule, looking at every server for every place.
std::vector<std::uint32_t> map_by_scores(const std::vector<std::uint32_t>& weights, std::uint32_t divisor) {
  std::vector<std::int64_t> steps;
  std::int64_t total = 0;
  for (const std::uint32_t weight : weights) total += steps.emplace_back((weight + divisor - 1) / divisor);
  std::vector<std::int64_t> scores(weights.size());
  std::vector<std::uint32_t> servers;
  for (std::int64_t place = 0; place < total; ++place) {
    std::size_t best = SIZE_MAX;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (steps[i] == 0) continue;
      scores[i] += steps[i];
      if (best == SIZE_MAX || (scores[i] + total) / total > (scores[best] + total) / total) best = i;
    }
    servers.push_back(static_cast<std::uint32_t>(best));
    scores[best] -= total;
  }
  return servers;
}

}  // namespace

TEST_CASE("servers stand in the map by weight, in units of what the weights have in common") {
  CHECK(text_of(map_of({}, 1)) == "");
  CHECK(text_of(map_of({0, 0}, 1)) == "");
  CHECK(text_of(map_of({0, 5}, 5)) == "b");
  CHECK(text_of(map_of({1, 1, 1}, 1)) == "abc");
  CHECK(text_of(map_of({10, 30, 20}, 10)) == text_of(map_of({1, 3, 2}, 1)));
  CHECK(text_of(map_of({2, 2}, 2)) == "ab");
  CHECK(text_of(map_of({3, 0, 1}, 2)) == "aac");  // a weight that is no multiple counts as the next one
}

TEST_CASE("every place has HAProxy's server") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto weights = random_weights(random, 1 + random() % (seed % 10 == 0 ? 300 : 12));
    const auto divisor = static_cast<std::uint32_t>(1 + random() % 3);
    REQUIRE(map_of(weights, divisor) == map_by_scores(weights, divisor));
  }
}

TEST_CASE("a map is made anew in the place of the old one") {
  ServerMap map;
  map.build(views_of({1, 1, 1}), 1);
  map.build(views_of({1, 0, 1}), 1);
  CHECK(map.size() == 2);
  CHECK(map.server(1) == 2);
}

TEST_CASE("the largest map") {
  const std::vector<std::uint32_t> weights(servers_max, table_weight_max / servers_max);
  const std::vector<std::uint32_t> map = map_of(weights, 1);
  REQUIRE(map.size() == table_weight_max);
  for (std::size_t place = 0; place < map.size(); ++place) REQUIRE(map[place] == place % servers_max);
}
