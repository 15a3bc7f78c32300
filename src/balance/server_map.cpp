// SPDX-License-Identifier: Apache-2.0
#include "balance/server_map.hpp"

#include <array>
#include <bit>
#include <numeric>

#include "balance/balancer.hpp"
#include "base/check.hpp"

/// HAProxy fills the map place by place: every server's score grows by its weight, a server whose score is
/// highest in whole totals (T, the sum of the weights) takes the place, the first one of several, and its
/// score falls by T. That looks at every server for every place. Here a server's level is its score in whole
/// totals; the place at which it rises next follows from its weight, so that only servers that rise or
/// take the place are looked at.
namespace corelane::balance {
namespace {

constexpr std::uint16_t nobody = UINT16_MAX;
/// Scores stay below three totals: each place takes one away from a highest one.
constexpr std::size_t levels_max = 4;

/// Positions of servers, of which the first is found at once.
class PositionSet {
 public:
  bool empty() const { return used_ == 0; }
  std::uint16_t first() const {
    const int word = std::countr_zero(used_);
    return static_cast<std::uint16_t>(word * 64 + std::countr_zero(words_[static_cast<std::size_t>(word)]));
  }
  void add(std::uint16_t position) {
    words_[position / 64] |= bit(position % 64);
    used_ |= bit(position / 64U);
  }
  void remove(std::uint16_t position) {
    words_[position / 64] &= ~bit(position % 64);
    if (words_[position / 64] == 0) used_ &= ~bit(position / 64U);
  }

 private:
  static std::uint64_t bit(unsigned number) { return std::uint64_t{1} << number; }

  std::array<std::uint64_t, 64> words_{};
  std::uint64_t used_ = 0;  // words that are not 0
};
static_assert(servers_max <= 64 * 64);

class MapBuilder {
 public:
  MapBuilder(std::span<const ServerView> servers, std::vector<std::uint16_t>& places)
      : places_(places), riders_(servers.size()) {
    std::uint32_t divisor = 0;
    for (const ServerView& server : servers) divisor = std::gcd(divisor, server.weight);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (servers[i].weight > 0) total += riders_[i].weight = servers[i].weight / divisor;
    }
    places_.assign(total, nobody);
  }

  /// Until its turn comes, a place holds the first of the servers that rise there.
  void run() {
    for (std::size_t i = 0; i < riders_.size(); ++i)
      if (riders_[i].weight > 0) await_rise(static_cast<std::uint16_t>(i), 0);
    for (std::size_t place = 0; place < places_.size(); ++place) {
      while (places_[place] != nobody) rise(place);
      places_[place] = take_highest();
    }
  }

 private:
  struct Rider {
    std::uint32_t weight = 0;
    std::uint32_t rises = 0;
    std::uint32_t level = 0;
    std::uint16_t next = nobody;  // of those that rise at the same place
  };

  void await_rise(std::uint16_t server, std::size_t place) {
    if (place >= places_.size()) return;
    riders_[server].next = places_[place];
    places_[place] = server;
  }

  void rise(std::size_t place) {
    const std::uint16_t server = places_[place];
    Rider& rider = riders_[server];
    places_[place] = rider.next;
    move(server, rider.level + 1);
    ++rider.rises;
    // The first place p at which (p + 1) * weight has reached rises * total.
    const std::uint64_t needed = std::uint64_t{places_.size()} * rider.rises;
    await_rise(server, (needed + rider.weight - 1) / rider.weight - 1);
  }

  std::uint16_t take_highest() {
    std::size_t level = levels_max - 1;
    while (level > 0 && levels_[level].empty()) --level;
    CORELANE_CHECK(level > 0);  // the scores add up to one total
    const std::uint16_t server = levels_[level].first();
    move(server, riders_[server].level - 1);
    return server;
  }

  void move(std::uint16_t server, std::uint32_t level) {
    CORELANE_CHECK(level < levels_max);
    if (riders_[server].level > 0) levels_[riders_[server].level].remove(server);
    if (level > 0) levels_[level].add(server);
    riders_[server].level = level;
  }

  std::vector<std::uint16_t>& places_;
  std::vector<Rider> riders_;
  std::array<PositionSet, levels_max> levels_;
};

}  // namespace

void ServerMap::build(std::span<const ServerView> servers) {
  CORELANE_CHECK(servers.size() <= servers_max);
  MapBuilder(servers, places_).run();
}

}  // namespace corelane::balance
