// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "balance/balancer.hpp"
#include "proxy/topology.hpp"

namespace corelane::proxy {

/// One lane's memory of one backend: which servers it may use now and where its algorithm stands.
class ServerChoice {
 public:
  ServerChoice(Backend& backend, std::uint32_t lane, std::uint32_t lanes, std::uint64_t seed);

  /// Picks a server for a new connection and counts the connection where that matters; give_back() must
  /// follow. balance::no_server when none is usable, or every usable one is full (all_full() then says so).
  std::uint32_t choose(std::uint64_t source_hash, std::uint32_t avoid);
  /// Counts another connection on a given server, limits aside (a retry on the same server). give_back() must
  /// follow.
  void take(std::uint32_t server);
  void give_back(std::uint32_t server);

  /// Whether the last choose() failed though usable servers exist.
  bool all_full() const noexcept { return all_full_; }
  /// Active servers usable now: with more than one, a failed connection may go elsewhere at once.
  std::uint32_t usable_count();

  Backend& backend() noexcept { return backend_; }

 private:
  void refresh();
  void refresh_connections();
  bool reserve(std::uint32_t server);

  Backend& backend_;
  std::vector<balance::ServerView> views_;
  std::vector<balance::ServerScratch> scratch_;
  balance::State state_;
  std::uint32_t generation_seen_ = 0;
  std::uint32_t usable_count_ = 0;
  std::uint64_t random_;
  bool all_full_ = false;
};

}  // namespace corelane::proxy
