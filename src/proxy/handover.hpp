// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "balance/even_lanes.hpp"
#include "proxy/lane_board.hpp"

namespace corelane::proxy {

struct LaneState;

/// One lane's side of keeping lanes even: hands clients over to lanes that carry fewer, and takes over those
/// that others hand to it. Present where there are several lanes and `even_lanes` is on.
class Handover {
 public:
  Handover(LaneState& lane, LaneBoard& board, std::uint64_t seed);

  /// False: the client stays here, as it should, or because no lane could take it.
  bool give(const AcceptedClient& client);
  /// Everything that others have put here so far. To be called after each nudge.
  void take();
  /// The lane carries one more.
  void began();
  /// It carries one fewer, which lasted so long.
  void ended(base::TimeUs lasted_us);
  /// False while somebody may still hand something over. Afterwards nobody does.
  bool close();

 private:
  LaneState& lane_;
  LaneBoard& board_;
  balance::RecentEnds recent_ends_;
  std::uint64_t random_;
};

}  // namespace corelane::proxy
