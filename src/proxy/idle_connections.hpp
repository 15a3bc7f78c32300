// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "proxy/connection_budget.hpp"
#include "proxy/peer.hpp"
#include "proxy/server_sessions.hpp"
#include "stats/counters.hpp"

namespace corelane::proxy {

class IdleBoard;
class IdleConnections;
struct LaneState;
struct Server;
struct SharedConnection;

/// One lane's idle connections to one server.
struct IdleServer : base::ListNode {
  base::List once;    // used once so far; the most recently used first
  base::List proven;  // used again after they had been idle
  IdleConnections* pool = nullptr;
  const io::SocketAddress* address = nullptr;  // where all of them lead
  base::TimeUs purge_at = 0;
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  std::uint32_t number = 0;  // through all http backends
  std::uint32_t count = 0;
  std::uint32_t lowest = 0;  // of `count`, since the last purge: so many were not needed
  std::uint32_t share = 0;   // IdleBoard::share, as it was lately
  base::TimeUs share_at = 0;
  bool unwatched = false;  // some may have no receive in flight
};

/// One lane's connections to servers that wait for their next stream. Each has a receive in flight, whose
/// completion of whatever kind says that the connection is of no use any more: nobody has asked for anything.
///
/// Streams get the most recently used connection of their server, so that those at the other end of the list
/// are the ones that nobody needs; of these half goes with every purge. Where there are several lanes, idle
/// connections beyond the lane's share are left to all of them on the IdleBoard.
class IdleConnections {
 public:
  /// Which connections will do for a stream.
  enum class Wanted : std::uint8_t {
    any,
    proven,  // one that was used again after it had been idle
  };

  explicit IdleConnections(LaneState& lane);
  IdleConnections(const IdleConnections&) = delete;
  IdleConnections& operator=(const IdleConnections&) = delete;
  ~IdleConnections();

  /// The most recently used idle connection to where this server is now, or null. It is the caller's, who
  /// sets `stream` and `receive.handler` before anything completes. Its receive is still in flight, or, where
  /// no buffer was free and when it was left by another lane, it has none. Bytes that come back in the turn
  /// in which it was taken answer nothing that was asked on it. With a name only a connection will do that
  /// has asked its server for the same one (tls.sni).
  ServerConnection* take(std::uint32_t backend, std::uint32_t server, Wanted wanted = Wanted::any,
                         std::optional<ServerSessions::NameKey> name = std::nullopt);

  /// Takes over a connection after an exchange, on which at most a receive is in flight. False where it may
  /// not be used again, or a limit says no: the caller then closes it. The caller touches it no more
  /// otherwise.
  bool put(ServerConnection& connection, std::uint32_t backend, std::uint32_t server);

  /// The TLS of a connection that no stream has may have come to rest.
  static void moved(ServerConnection& connection);

  /// Whether connections to this server are the same whoever the client is: those that tell the server of
  /// the client, or come from its address, are not.
  static bool shareable(const Server& server);

  /// The control thread changed servers of this backend: those that are down, or elsewhere now, have no idle
  /// connections any more.
  void servers_changed(std::uint32_t backend);
  /// Other contexts have taken the places of some: connections that began with those before are closed.
  void tls_replaced();
  /// Closes those of this lane, and those that no lane has.
  void forget_server(std::uint32_t backend, std::uint32_t server);
  /// Closes the least recently used connection of some server, each server in its turn. False: there is none.
  bool evict_one();
  /// Somebody found no descriptor: some will be free soon.
  void free_descriptors();
  void close_all();
  /// Nothing idle, and nothing on its way out.
  bool empty() const noexcept { return held_ == 0; }
  /// This lane's own that take() may find.
  std::uint32_t idle() const noexcept { return idle_; }

 private:
  static void on_receive(io::Op& op, io::Completion& completion);
  static void on_timer(base::Timer& timer);

  IdleServer& home(std::uint32_t backend, std::uint32_t server) noexcept {
    return homes_[home_offsets_[backend] + server];
  }
  const Server& server_of(const IdleServer& home) const;
  base::TimeUs purge_delay(const IdleServer& home) const;
  stats::ServerCounters& counters(const IdleServer& home);
  bool take_permit(const IdleServer& home);
  void give_back_permit(const IdleServer& home);
  bool may_keep(const ServerConnection& connection, const Server& server);
  bool outdated(const IdleServer& home) const;
  ServerConnection* most_recent(IdleServer& home, Wanted wanted);
  ServerConnection* least_recent(IdleServer& home);
  static ServerConnection* named(base::List& list, ServerSessions::NameKey name);
  void watch(ServerConnection& connection);
  void watch_again(IdleServer& home);
  void unlink(ServerConnection& connection);
  void activate(IdleServer& home);
  void close(ServerConnection& connection);
  void release(ServerConnection& connection);
  void evict(ServerConnection& connection);
  void forget(IdleServer& home);
  void forget_outdated(IdleServer& home);
  void purge(IdleServer& home);
  void purge_due();

  // Sharing with other lanes (idle_sharing.cpp)
  bool beyond_share(const IdleServer& home, const ServerConnection& connection) const;
  void leave_to_others(ServerConnection& connection);
  void share_out(ServerConnection& connection);
  ServerConnection* take_shared(IdleServer& home, Wanted wanted);
  void drop_shared(const IdleServer& home, const SharedConnection& connection);
  void forget_shared(IdleServer& home);
  void forget_all_shared();
  bool evict_shared();
  void purge_shared(IdleServer& home);
  std::uint32_t in_use(const IdleServer& home) const;
  void renew_share(IdleServer& home);

  LaneState& lane_;
  IdleBoard* board_;                         // null where nothing is shared
  std::vector<std::uint32_t> home_offsets_;  // of each backend's first server; the last is their number
  std::unique_ptr<IdleServer[]> homes_;      // of backends whose mode is http
  base::List active_;  // servers that have idle connections, or had some at their last purge
  base::Timer timer_;  // the next purge
  LaneBudget budget_;
  std::uint32_t idle_ = 0;
  std::uint32_t held_ = 0;  // idle ones, and those on their way out
};

}  // namespace corelane::proxy
