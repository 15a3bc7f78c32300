// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "balance/balancer.hpp"
#include "proxy/topology.hpp"

namespace corelane::proxy {

/// One lane's memory of one backend: which servers it may use now and where its algorithm stands.
class ServerChoice {
 public:
  ServerChoice(Backend& backend, std::uint32_t lane, std::uint32_t lanes, std::uint64_t seed);

  /// What of a connection or request decides on its server, hashed; nothing where it does not matter or is
  /// not there.
  std::optional<std::uint32_t> key_of(const balance::Request& request) const;
  /// Picks a server for a new connection or request with this key and counts the connection where that
  /// matters; give_back() must follow. balance::no_server when none is usable, or the connection has to wait
  /// for a place: all_full() then says so, and wanted() for which server. Nobody is picked past those who
  /// wait already.
  std::uint32_t choose(std::optional<std::uint32_t> key, std::uint32_t avoid);
  /// Any usable server with a place, other than `avoid`; counted as by choose().
  std::uint32_t choose_elsewhere(std::uint32_t avoid);
  /// Counts another connection on this server if its limit allows it. give_back() must follow.
  bool take_place(std::uint32_t server);
  void give_back(std::uint32_t server);

  /// Whether the last choose() failed though usable servers exist.
  bool all_full() const noexcept { return all_full_; }
  /// The full server that the last choose() insists on (a client belongs to it), or balance::no_server: any.
  std::uint32_t wanted() const noexcept { return wanted_; }
  bool usable(std::uint32_t server);
  /// It is usable, and its limit allows one more connection at this moment.
  bool has_room(std::uint32_t server);
  /// Active servers usable now: with more than one, a failed connection may go elsewhere at once.
  std::uint32_t usable_count();

  Backend& backend() noexcept { return backend_; }

 private:
  /// Takes over what the control thread changed; only then are the algorithm's tables made anew.
  void refresh();
  void refresh_connections();
  bool others_wait(std::uint32_t queue) const;
  std::uint64_t backend_connections() const;
  std::uint32_t limit_at(std::uint32_t server, std::uint64_t backend_connections) const;

  Backend& backend_;
  std::vector<balance::ServerView> views_;
  std::vector<balance::ServerScratch> scratch_;
  balance::State state_;
  std::uint32_t generation_seen_ = 0;
  std::uint32_t usable_count_ = 0;
  std::uint64_t random_;
  std::uint32_t wanted_ = balance::no_server;
  bool all_full_ = false;
};

}  // namespace corelane::proxy
