// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "balance/algorithms.hpp"
#include "balance/candidate.hpp"
#include "base/check.hpp"

/// Weighted round robin as a schedule of deadlines. Of W picks a server with weight w is owed w, so its next
/// pick has a deadline; a server that is not behind its share waits, and of the others the one with the
/// earliest deadline is picked. So every server is at any time within one pick of its exact share, and its
/// turns lie evenly apart.
///
/// A server's credit is w * picks - W * own picks: how far it is behind its share, in 1/W of a pick. Credits
/// add up to about zero. State::cursor holds the W in which they are measured, 0 before the schedule has
/// started.
namespace corelane::balance {
namespace {

/// Work that finding a lane's starting point may cost, in servers looked at.
constexpr std::uint64_t start_work_max = 65'536;
constexpr std::int64_t weight_limit = 8192;  // above every weight, in the finest unit

/// The candidate to serve next, from credits that include this pick's share.
struct Earliest {
  std::uint32_t index = no_server;
  std::int64_t span = 1;    // span / weight, picks until the deadline, orders servers
  std::int64_t weight = 0;  // none yet: an endless span

  /// Written without jumps, as which server comes first is not predictable. Weight 0 is passed over.
  void consider(std::uint32_t other_index, std::int64_t credit, std::int64_t other_weight,
                std::int64_t total) {
    // Deadlines of servers that are behind their share lie at most `total` away; the others come after them.
    const std::int64_t not_behind = credit <= 0 ? other_weight * total : 0;
    // Of two equal deadlines the heavier server's counts as earlier, by less than two unequal ones can
    // differ.
    const std::int64_t other_span = (total - credit + not_behind) * weight_limit + 1;
    const bool earlier = (other_weight > 0) & (other_span * weight < span * other_weight);
    index = earlier ? other_index : index;
    span = earlier ? other_span : span;
    weight = earlier ? other_weight : weight;
  }
};

std::uint32_t pick_candidate(State& state, std::span<const ServerView> servers, const PickInput& input) {
  // Most picks find every server with a weight open, so the search need not wait for the candidates' total.
  const std::int64_t expected_total = state.cursor;
  std::int64_t total = 0;
  Earliest earliest;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    const std::uint32_t weight = candidate_weight(servers, i, input);
    const std::int64_t credit = state.scratch[i].credit += weight;
    total += weight;
    earliest.consider(i, credit, weight, expected_total);
  }
  if (total != expected_total) {
    earliest = {};
    for (std::uint32_t i = 0; i < servers.size(); ++i)
      earliest.consider(i, state.scratch[i].credit, candidate_weight(servers, i, input), total);
  }
  if (earliest.index != no_server) state.scratch[earliest.index].credit -= total;
  return earliest.index;
}

std::uint64_t total_weight(std::span<const ServerView> servers) {
  std::uint64_t total = 0;
  for (const ServerView& server : servers) total += server.weight;
  return total;
}

/// Lanes start evenly spread over the schedule's period, as far as the work to get there allows.
void start(State& state, std::span<const ServerView> servers) {
  std::uint64_t divisor = 0;
  for (const ServerView& server : servers) divisor = std::gcd(divisor, std::uint64_t{server.weight});
  if (divisor == 0) return;
  const std::uint64_t total = total_weight(servers);
  const std::uint64_t steps_max = std::max<std::uint64_t>(state.lanes, start_work_max / servers.size());
  const std::uint64_t steps = std::min(total / divisor, steps_max) * state.lane / std::max(state.lanes, 1U);
  for (ServerScratch& scratch : state.scratch) scratch.credit = 0;
  state.cursor = static_cast<std::uint32_t>(total);
  for (std::uint64_t step = 0; step < steps; ++step) pick_candidate(state, servers, PickInput{});
}

}  // namespace

std::uint32_t roundrobin_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                              const Options& /*options*/) {
  CORELANE_CHECK(state.scratch.size() == servers.size());
  if (state.cursor == 0) start(state, servers);
  const std::uint32_t picked = pick_candidate(state, servers, input);
  return picked != no_server ? picked : last_resort(servers, input);
}

/// Keeps what each server is owed, measured in the new total. A server that comes (back) is owed nothing, so
/// it gets no burst; what those that left were owed is shared out by weight, which changes nobody's order.
void roundrobin_changed(State& state, std::span<const ServerView> servers, const Options& /*options*/) {
  CORELANE_CHECK(state.scratch.size() == servers.size());
  const std::int64_t old_total = state.cursor;
  if (old_total == 0) return start(state, servers);
  const std::int64_t total = static_cast<std::int64_t>(total_weight(servers));
  state.cursor = static_cast<std::uint32_t>(total);
  if (total == 0) return;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    std::int64_t& credit = state.scratch[i].credit;
    credit = servers[i].weight == 0 ? 0 : std::clamp(credit * total / old_total, -total, total);
    sum += credit;
  }
  for (std::size_t i = 0; i < servers.size(); ++i) state.scratch[i].credit -= sum * servers[i].weight / total;
}

}  // namespace corelane::balance
