// SPDX-License-Identifier: Apache-2.0
#include "control/server_tracking.hpp"

#include <fmt/format.h>

namespace corelane::control {

ServerTracking::ServerTracking(const proxy::Topology& topology, Transitions& transitions)
    : topology_(topology), transitions_(transitions) {
  for (std::uint32_t b = 0; b < topology.backends().size(); ++b) {
    const proxy::Backend& backend = topology.backends()[b];
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      const config::Track& track = backend.servers[s].config->track;
      if (!track.text.empty()) followers_[{track.backend, track.server}].push_back({b, s});
    }
  }
  if (followers_.empty()) return;
  transitions_.conditions().on_change([this](const StandingChange& change) {
    if (change.before.word != change.after.word) hand_on({change.backend, change.server});
  });
}

void ServerTracking::start() {
  for (const auto& [tracked, followers] : followers_) hand_on(tracked);
}

// A follower's change comes back here: the loop below then goes on instead of nesting.
void ServerTracking::hand_on(Place tracked) {
  if (!followers_.contains(tracked)) return;
  changed_.push_back(tracked);
  if (handing_on_) return;
  handing_on_ = true;
  while (!changed_.empty()) {
    const Place next = changed_.front();
    changed_.pop_front();
    for (const Place& follower : followers_.at(next)) tell(follower, next);
  }
  handing_on_ = false;
}

void ServerTracking::tell(Place follower, Place tracked) {
  const config::Backend& backend = *topology_.backends()[tracked.first].config;
  const check::ServerWord word = transitions_.conditions().standing(tracked.first, tracked.second).word;
  transitions_.change(
      follower.first, follower.second, {},
      fmt::format("{}/{}", backend.name, backend.servers[tracked.second].name),
      [&](ServerConditions& conditions) { conditions.set_tracked(follower.first, follower.second, word); });
}

}  // namespace corelane::control
