// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace corelane::balance {

struct ServerView;

/// HAProxy's ring of consistent hashing: each server has 16 places for each unit of its weight, which follow
/// from its number alone (the first of the file is 1). A server that goes away leaves the others' places as
/// they were.
class Ring {
 public:
  static constexpr std::uint32_t places_per_weight = 16;

  /// Takes over the servers' weights; only places of servers whose weight changed come and go. At most
  /// servers_max servers. Weights count in 1 / `weight_unit`, a divisor of places_per_weight.
  void update(std::span<const ServerView> servers, std::uint32_t weight_unit = 1);

  std::size_t size() const noexcept { return places_.size(); }
  std::uint32_t server(std::size_t place) const noexcept { return places_[place].server; }
  /// The place nearest to the hash; of two, the one before it. The ring is not empty.
  std::size_t nearest(std::uint32_t hash) const;

  /// Of one server, and of those before it in the order of the file.
  std::uint32_t places(std::size_t server) const noexcept { return counts_[server]; }
  std::uint32_t places_before(std::size_t server) const noexcept { return places_before_[server]; }

 private:
  struct Place {
    std::uint32_t key;
    std::uint16_t server;
    std::uint16_t ordinal;  // of the server's places
  };

  void add_places(std::size_t server, std::uint32_t count);
  void index_places();

  std::vector<Place> places_;  // by key; no two have the same
  /// Where the places begin whose keys have the same upper bits: one or two on average, as keys are even.
  std::vector<std::uint32_t> starts_;
  unsigned lower_bits_ = 0;            // of a key, which starts_ does not tell apart
  std::vector<std::uint16_t> counts_;  // of places, for each server
  std::vector<std::uint32_t> places_before_;
};

}  // namespace corelane::balance
