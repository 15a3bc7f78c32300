// SPDX-License-Identifier: Apache-2.0
#include "balance/ring.hpp"

#include <algorithm>

#include "balance/balancer.hpp"
#include "balance/hash.hpp"
#include "base/check.hpp"

namespace corelane::balance {
namespace {

/// A server's numbers on the ring begin so far apart: more than the heaviest server has places.
constexpr std::uint32_t numbers_per_server = 256 * Ring::places_per_weight;

}  // namespace

void Ring::update(std::span<const ServerView> servers) {
  CORELANE_CHECK(servers.size() <= servers_max);
  counts_.resize(servers.size());
  weights_before_.resize(servers.size());
  weight_total_ = 0;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    weights_before_[i] = weight_total_;
    weight_total_ += servers[i].weight;
    counts_[i] = std::min(counts_[i], static_cast<std::uint16_t>(servers[i].weight * places_per_weight));
  }
  std::erase_if(places_, [this](const Place& place) { return place.ordinal >= counts_[place.server]; });
  const auto kept = static_cast<std::ptrdiff_t>(places_.size());
  places_.reserve(std::size_t{weight_total_} * places_per_weight);
  for (std::size_t i = 0; i < servers.size(); ++i) add_places(i, servers[i].weight * places_per_weight);
  const auto by_key = [](const Place& a, const Place& b) { return a.key < b.key; };
  std::sort(places_.begin() + kept, places_.end(), by_key);
  std::inplace_merge(places_.begin(), places_.begin() + kept, places_.end(), by_key);
}

void Ring::add_places(std::size_t server, std::uint32_t count) {
  const std::uint32_t number = static_cast<std::uint32_t>(server) + 1;
  for (; counts_[server] < count; ++counts_[server]) {
    places_.push_back({.key = avalanche(number * numbers_per_server + counts_[server]),
                       .server = static_cast<std::uint16_t>(server),
                       .ordinal = counts_[server]});
  }
}

std::size_t Ring::nearest(std::uint32_t hash) const {
  const auto found = std::lower_bound(places_.begin(), places_.end(), hash,
                                      [](const Place& place, std::uint32_t key) { return place.key < key; });
  const std::size_t after = found == places_.end() ? 0 : static_cast<std::size_t>(found - places_.begin());
  const std::size_t before = (after == 0 ? places_.size() : after) - 1;
  // Distances wrap around as the ring does.
  return hash - places_[before].key <= places_[after].key - hash ? before : after;
}

}  // namespace corelane::balance
