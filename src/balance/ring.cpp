// SPDX-License-Identifier: Apache-2.0
#include "balance/ring.hpp"

#include <algorithm>
#include <bit>

#include "balance/balancer.hpp"
#include "balance/hash.hpp"
#include "base/check.hpp"

namespace corelane::balance {
namespace {

/// A server's numbers on the ring begin so far apart: more than the heaviest server has places.
constexpr std::uint32_t numbers_per_server = 256 * Ring::places_per_weight;

}  // namespace

void Ring::update(std::span<const ServerView> servers, std::uint32_t weight_unit) {
  const std::uint32_t places_per_unit = places_per_weight / weight_unit;
  CORELANE_CHECK(servers.size() <= servers_max);
  counts_.resize(servers.size());
  places_before_.resize(servers.size());
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    places_before_[i] = total;
    total += servers[i].weight * places_per_unit;
    counts_[i] = std::min(counts_[i], static_cast<std::uint16_t>(servers[i].weight * places_per_unit));
  }
  std::erase_if(places_, [this](const Place& place) { return place.ordinal >= counts_[place.server]; });
  const auto kept = static_cast<std::ptrdiff_t>(places_.size());
  places_.reserve(total);
  for (std::size_t i = 0; i < servers.size(); ++i) add_places(i, servers[i].weight * places_per_unit);
  const auto by_key = [](const Place& a, const Place& b) { return a.key < b.key; };
  std::sort(places_.begin() + kept, places_.end(), by_key);
  std::inplace_merge(places_.begin(), places_.begin() + kept, places_.end(), by_key);
  index_places();
}

void Ring::add_places(std::size_t server, std::uint32_t count) {
  const std::uint32_t number = static_cast<std::uint32_t>(server) + 1;
  for (; counts_[server] < count; ++counts_[server]) {
    places_.push_back({.key = avalanche(number * numbers_per_server + counts_[server]),
                       .server = static_cast<std::uint16_t>(server),
                       .ordinal = counts_[server]});
  }
}

/// As many starts as places, rounded down to a power of two.
void Ring::index_places() {
  const auto upper_bits = static_cast<unsigned>(std::bit_width(places_.size() | 2) - 1);
  lower_bits_ = 32 - upper_bits;
  starts_.assign(std::size_t{1} << upper_bits, UINT32_MAX);
  // Backwards and without jumps, as how many places begin alike is not predictable: the first one stays.
  auto first = static_cast<std::uint32_t>(places_.size());
  for (std::uint32_t place = first; place-- > 0;) starts_[places_[place].key >> lower_bits_] = place;
  for (std::size_t i = starts_.size(); i-- > 0;) starts_[i] = first = std::min(first, starts_[i]);
}

std::size_t Ring::nearest(std::uint32_t hash) const {
  std::size_t after = starts_[hash >> lower_bits_];
  while (after < places_.size() && places_[after].key < hash) ++after;
  if (after == places_.size()) after = 0;
  const std::size_t before = (after == 0 ? places_.size() : after) - 1;
  // Distances wrap around as the ring does.
  return hash - places_[before].key <= places_[after].key - hash ? before : after;
}

}  // namespace corelane::balance
