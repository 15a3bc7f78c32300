// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "proxy/connection_budget.hpp"
#include "proxy/peer.hpp"

namespace corelane::proxy {

class IdleConnections;
class Topology;
struct LaneState;
struct Server;

/// One lane's idle connections to one server.
struct IdleServer : base::ListNode {
  base::List once;    // used once so far; the most recently used first
  base::List proven;  // used again after they had been idle
  IdleConnections* pool = nullptr;
  const io::SocketAddress* address = nullptr;  // where all of them lead
  base::TimeUs purge_at = 0;
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  std::uint32_t count = 0;
  std::uint32_t lowest = 0;  // of `count`, since the last purge: so many were not needed
  bool unwatched = false;    // some may have no receive in flight
};

/// One lane's connections to servers that wait for their next stream. Each has a receive in flight, whose
/// completion of whatever kind says that the connection is of no use any more: nobody has asked for anything.
///
/// The server that is used again gets the most recently used connection, so that those at the other end of
/// the list are the ones that nobody needs; of these half goes with every purge.
class IdleConnections {
 public:
  /// Which connections will do for a stream.
  enum class Wanted : std::uint8_t {
    any,
    proven,  // the server has kept it open for more than one request before
  };

  explicit IdleConnections(LaneState& lane);
  IdleConnections(const IdleConnections&) = delete;
  IdleConnections& operator=(const IdleConnections&) = delete;
  ~IdleConnections();

  /// The most recently used idle connection to where this server is now, or null. It is the caller's, who
  /// sets `stream` and `receive.handler` before anything completes. Its receive is still in flight, or, where
  /// no buffer was free, it has none. Bytes that come back in the turn in which it was taken answer nothing
  /// that was asked on it.
  ServerConnection* take(std::uint32_t backend, std::uint32_t server, Wanted wanted = Wanted::any);

  /// Takes over a connection after an exchange, on which at most a receive is in flight. False where it may
  /// not be used again, or a limit says no: the caller then closes it. The caller touches it no more
  /// otherwise.
  bool put(ServerConnection& connection, std::uint32_t backend, std::uint32_t server);

  /// Whether connections to this server are the same whoever the client is: those that tell the server of
  /// the client, or come from its address, are not.
  static bool shareable(const Server& server);

  /// The control thread changed servers of this backend: those that are down, or elsewhere now, have no idle
  /// connections any more.
  void servers_changed(std::uint32_t backend);
  void forget_server(std::uint32_t backend, std::uint32_t server);
  /// Closes the least recently used connection of some server, each server in its turn. False: there is none.
  bool evict_one();
  /// Somebody found no descriptor: some will be free soon.
  void free_descriptors();
  void close_all();
  /// Nothing idle, and nothing on its way to be closed.
  bool empty() const noexcept { return held_ == 0; }
  /// Those that take() may find.
  std::uint32_t idle() const noexcept { return idle_; }

 private:
  static void on_receive(io::Op& op, io::Completion& completion);
  static void on_timer(base::Timer& timer);

  IdleServer& home(std::uint32_t backend, std::uint32_t server) noexcept {
    return homes_[home_offsets_[backend] + server];
  }
  const Server& server_of(const IdleServer& home) const;
  bool may_keep(const ServerConnection& connection, const Server& server);
  bool outdated(const IdleServer& home) const;
  ServerConnection* most_recent(IdleServer& home, Wanted wanted);
  ServerConnection* least_recent(IdleServer& home);
  void watch(ServerConnection& connection);
  void watch_again(IdleServer& home);
  void unlink(ServerConnection& connection);
  void no_longer_held();
  void close(ServerConnection& connection);
  void release(ServerConnection& connection);
  void evict(ServerConnection& connection);
  void forget(IdleServer& home);
  void purge(IdleServer& home);
  void purge_due();

  LaneState& lane_;
  std::vector<std::uint32_t> home_offsets_;  // of each backend's first server
  std::unique_ptr<IdleServer[]> homes_;
  base::List active_;  // servers that have idle connections, or had some at their last purge
  base::Timer timer_;  // the next purge
  LaneBudget budget_;
  std::uint32_t idle_ = 0;
  std::uint32_t held_ = 0;  // idle ones, and those being closed
};

}  // namespace corelane::proxy
