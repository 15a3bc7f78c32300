// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "balance/algorithms.hpp"
#include "balance/candidate.hpp"

namespace corelane::balance {
namespace {

/// Steele, Lea and Flood's splitmix64: as many independent numbers as there are draws, from the one that is
/// given.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  /// Below `limit`, which fits in 32 bits.
  std::uint64_t below(std::uint64_t limit) { return ((next() >> 32) * limit) >> 32; }

 private:
  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  std::uint64_t state_;
};

/// The candidate in whose share of the total weight `target` lies.
std::size_t candidate_at(std::span<const ServerView> servers, const PickInput& input, std::uint64_t target) {
  for (std::size_t index = 0;; ++index) {
    const std::uint64_t weight = candidate_weight(servers, index, input);
    if (target < weight) return index;
    target -= weight;
  }
}

bool less_loaded(const ServerView& a, const ServerView& b) {
  return std::uint64_t{a.connections} * b.weight < std::uint64_t{b.connections} * a.weight;
}

}  // namespace

std::uint32_t random_pick(State& /*state*/, std::span<const ServerView> servers, const PickInput& input,
                          const Options& options) {
  std::uint64_t total = 0;
  for (std::size_t index = 0; index < servers.size(); ++index)
    total += candidate_weight(servers, index, input);
  if (total == 0) return last_resort(servers, input);
  SplitMix64 random(input.random);
  std::size_t best = candidate_at(servers, input, random.below(total));
  for (std::uint32_t draw = 1; draw < std::min(options.draws, draws_max); ++draw) {
    const std::size_t drawn = candidate_at(servers, input, random.below(total));
    if (less_loaded(servers[drawn], servers[best])) best = drawn;
  }
  return static_cast<std::uint32_t>(best);
}

}  // namespace corelane::balance
