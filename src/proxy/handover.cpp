// SPDX-License-Identifier: Apache-2.0
#include "proxy/handover.hpp"

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

constexpr unsigned choices_max = 8;  // others may be quicker to fill up the lane that was chosen

// Knuth's MMIX; the upper bits are good, and those that choose lanes.
std::uint64_t next_random(std::uint64_t& state) {
  state = state * 6364136223846793005U + 1442695040888963407U;
  return (state >> 32U) | (state << 32U);
}

}  // namespace

Handover::Handover(LaneState& lane, LaneBoard& board, std::uint64_t seed)
    : lane_(lane), board_(board), random_(seed) {}

// A lane that drains may be about to finish, and then nobody would see to a wake that failed. At a limit the
// permit has to come back to the lane whose listener waits for it.
bool Handover::give(const AcceptedClient& client) {
  const std::uint32_t own = lane_.options.index;
  const std::uint32_t carried = board_.load(own);
  const std::uint32_t allowed = balance::lead_allowed(carried, recent_ends_.lately(lane_.now));
  if (carried <= allowed || lane_.draining || lane_.at_limit(client.frontend)) return false;
  const std::uint32_t below = carried - allowed;
  for (unsigned choice = 0; choice < choices_max; ++choice) {
    const std::uint32_t other = balance::lightest_lane(own, board_.lanes(), below, next_random(random_),
                                                       [&](std::uint32_t lane) { return board_.load(lane); });
    if (other == balance::no_lane) return false;
    if (!board_.reserve(other, below)) continue;
    board_.put(other, client);
    lane_.shared.nudge(other, LaneNudge::take_clients, *lane_.ring);
    lane_.lane_counters().connections_handed_over.add();
    return true;
  }
  return false;
}

void Handover::take() {
  const std::uint32_t own = lane_.options.index;
  AcceptedClient client;
  // Who puts more than a box holds meanwhile nudges again.
  for (std::uint32_t taken = 0; taken < LaneBoard::clients_coming_max && board_.take(own, client); ++taken) {
    lane_.lane_counters().connections_taken_over.add();
    lane_.serve(client);
    board_.give_back_place(own);
  }
}

void Handover::began() {
  board_.publish(lane_.options.index, lane_.streams.used());
}

void Handover::ended(base::TimeUs lasted_us) {
  recent_ends_.add(lasted_us, lane_.now);
  board_.publish(lane_.options.index, lane_.streams.used());
}

bool Handover::close() {
  return board_.close(lane_.options.index);
}

}  // namespace corelane::proxy
