// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "control/transitions.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

/// Hands the word of tracked servers on to those that track them, along chains of any length and at once.
/// Lives in the control thread.
class ServerTracking {
 public:
  /// Listens to the conditions from now on: nothing is said of servers any more when this goes.
  ServerTracking(const proxy::Topology& topology, Transitions& transitions);
  ServerTracking(const ServerTracking&) = delete;
  ServerTracking& operator=(const ServerTracking&) = delete;

  /// Tells every server that tracks one how that one is.
  void start();

 private:
  using Place = std::pair<std::uint32_t, std::uint32_t>;  // backend, server

  void hand_on(Place tracked);
  void tell(Place follower, Place tracked);

  const proxy::Topology& topology_;
  Transitions& transitions_;
  std::map<Place, std::vector<Place>> followers_;
  std::deque<Place> changed_;  // whose followers are still to be told
  bool handing_on_ = false;
};

}  // namespace corelane::control
