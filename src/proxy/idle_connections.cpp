// SPDX-License-Identifier: Apache-2.0
#include "proxy/idle_connections.hpp"

#include <algorithm>
#include <cerrno>

#include "proxy/flow.hpp"
#include "proxy/idle_board.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/peer_io.hpp"

namespace corelane::proxy {

namespace {

/// Closed at once when descriptors ran out: so many may be taken before somebody asks again.
constexpr unsigned evictions_max = 16;

/// So many idle connections are looked at for one that has asked its server for a certain name.
constexpr unsigned names_looked_at_max = 64;

ServerConnection& connection_of(base::ListNode& node) {
  return static_cast<ServerConnection&>(node);
}

ServerConnection& later_used(ServerConnection& one, ServerConnection& other) {
  return one.last_activity > other.last_activity ? one : other;
}

bool down(const Server& server) {
  return server.state->status.load(std::memory_order_relaxed) == ServerStatus::down;
}

// False: the server has as many idle connections as it may.
bool count_on(const Server& server) {
  const std::uint32_t limit = server.config->pool_max_connections;
  if (limit == 0) return true;
  std::atomic<std::uint32_t>& idle = server.state->idle_connections;
  std::uint32_t count = idle.load(std::memory_order_relaxed);
  do {
    if (count >= limit) return false;
  } while (!idle.compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
  return true;
}

}  // namespace

IdleConnections::IdleConnections(LaneState& lane)
    : lane_(lane), board_(lane.shared.idle_board.get()), budget_(lane.shared.idle_budget) {
  const auto& backends = lane.shared.topology.backends();
  home_offsets_.push_back(0);
  for (const Backend& backend : backends) {
    const bool http = backend.config->mode == config::Mode::http;
    home_offsets_.push_back(home_offsets_.back() +
                            (http ? static_cast<std::uint32_t>(backend.servers.size()) : 0));
  }
  homes_ = std::make_unique<IdleServer[]>(home_offsets_.back());
  for (std::uint32_t backend = 0; backend < backends.size(); ++backend) {
    for (std::uint32_t number = home_offsets_[backend]; number < home_offsets_[backend + 1]; ++number) {
      IdleServer& home = homes_[number];
      home.pool = this;
      home.backend = backend;
      home.server = number - home_offsets_[backend];
      home.number = number;
    }
  }
  timer_.owner = this;
  timer_.handler = &IdleConnections::on_timer;
}

IdleConnections::~IdleConnections() {
  CORELANE_CHECK(empty());
  timer_.unlink();
}

const Server& IdleConnections::server_of(const IdleServer& home) const {
  return lane_.shared.topology.backends()[home.backend].servers[home.server];
}

stats::ServerCounters& IdleConnections::counters(const IdleServer& home) {
  return lane_.counters.server(home.backend, home.server);
}

base::TimeUs IdleConnections::purge_delay(const IdleServer& home) const {
  return base::ms_to_us(server_of(home).config->pool_purge_delay_ms);
}

bool IdleConnections::shareable(const Server& server) {
  return !server.from_client && !server.to_destination &&
         server.config->send_proxy.version == config::ProxyVersion::none;
}

// --- From and to streams -----------------------------------------------------------------------------------

ServerConnection* IdleConnections::most_recent(IdleServer& home, Wanted wanted) {
  base::ListNode* proven = home.proven.front();
  base::ListNode* once = wanted == Wanted::proven ? nullptr : home.once.front();
  if (proven == nullptr || once == nullptr)
    return static_cast<ServerConnection*>(proven != nullptr ? proven : once);
  return &later_used(connection_of(*proven), connection_of(*once));
}

ServerConnection* IdleConnections::least_recent(IdleServer& home) {
  base::ListNode* proven = home.proven.back();
  base::ListNode* once = home.once.back();
  if (proven == nullptr || once == nullptr)
    return static_cast<ServerConnection*>(proven != nullptr ? proven : once);
  ServerConnection& later = later_used(connection_of(*proven), connection_of(*once));
  return static_cast<ServerConnection*>(&later == proven ? once : proven);
}

ServerConnection* IdleConnections::named(base::List& list, ServerSessions::NameKey name) {
  unsigned left = names_looked_at_max;
  for (base::ListNode* node = list.front(); node != nullptr && left > 0; node = list.after(*node), --left)
    if (connection_of(*node).tls->name_key() == name) return &connection_of(*node);
  return nullptr;
}

ServerConnection* IdleConnections::take(std::uint32_t backend, std::uint32_t server, Wanted wanted,
                                        std::optional<ServerSessions::NameKey> name) {
  lane_.renew_tls();
  IdleServer& home = this->home(backend, server);
  if (home.count != 0 && outdated(home)) forget_outdated(home);
  const auto next = [&] {
    if (!name) return most_recent(home, wanted);
    ServerConnection* proven = named(home.proven, *name);
    return proven != nullptr || wanted == Wanted::proven ? proven : named(home.once, *name);
  };
  while (ServerConnection* connection = next()) {
    unlink(*connection);
    if (connection->receive.in_flight || io::socket_quiet(connection->socket)) {
      --held_;
      give_back_permit(home);
      return connection;
    }
    close(*connection);
  }
  return board_ != nullptr ? take_shared(home, wanted) : nullptr;
}

bool IdleConnections::may_keep(const ServerConnection& connection, const Server& server) {
  const config::Server& limits = *server.config;
  const bool worn_out = limits.max_reuse != 0 && connection.exchanges > limits.max_reuse;
  const bool untrusted = connection.tls != nullptr && connection.tls->is_outdated();
  return !lane_.draining && !untrusted && !connection.private_to_session && !worn_out &&
         limits.pool_purge_delay_ms != 0 && shareable(server) && !down(server) &&
         connection.address == &server.address() && held_ < lane_.options.connections_max;
}

// One idle connection more: of the process, and of the server where it has a limit of its own.
bool IdleConnections::take_permit(const IdleServer& home) {
  if (!budget_.acquire()) return false;
  if (!count_on(server_of(home))) {
    budget_.release();
    return false;
  }
  counters(home).connections_idle.add();
  return true;
}

// Perhaps of a lane that left the connection to this one: what counts is the sum of all.
void IdleConnections::give_back_permit(const IdleServer& home) {
  const Server& server = server_of(home);
  budget_.release();
  counters(home).connections_idle.subtract();
  if (server.config->pool_max_connections != 0)
    server.state->idle_connections.fetch_sub(1, std::memory_order_relaxed);
}

bool IdleConnections::put(ServerConnection& connection, std::uint32_t backend, std::uint32_t server) {
  CORELANE_CHECK(!connection.send.in_flight);
  IdleServer& home = this->home(backend, server);
  ++connection.exchanges;
  if (!may_keep(connection, server_of(home)) || !take_permit(home)) return false;
  if (outdated(home)) forget_outdated(home);
  connection.stream = nullptr;
  connection.idle_home = &home;
  connection.last_activity = lane_.now;
  connection.receive.handler = &IdleConnections::on_receive;
  ++held_;
  activate(home);
  if (board_ != nullptr && beyond_share(home, connection)) {
    leave_to_others(connection);
    return true;
  }
  if (!connection.receive.in_flight) watch(connection);
  (connection.exchanges == 1 ? home.once : home.proven).push_front(connection);
  ++home.count;
  ++idle_;
  return true;
}

// It has idle connections: purges come from now on.
void IdleConnections::activate(IdleServer& home) {
  if (home.linked()) return;
  active_.push_back(home);
  home.lowest = 0;
  home.purge_at = lane_.now + purge_delay(home);
  if (!timer_.linked() || home.purge_at < timer_.expiry) lane_.wheel->set(timer_, home.purge_at);
}

void IdleConnections::unlink(ServerConnection& connection) {
  connection.unlink();
  IdleServer& home = *connection.idle_home;
  home.lowest = std::min(home.lowest, --home.count);
  --idle_;
}

// --- While idle --------------------------------------------------------------------------------------------

void IdleConnections::watch(ServerConnection& connection) {
  peer_receive(lane_, connection, flow_receive_cap_buffers * lane_.ring->buffers().buffer_size());
}

// Without a free buffer nothing can be received, and nothing was: the connection is looked at when it is
// taken, and watched again after the next purge.
void IdleConnections::on_receive(io::Op& op, io::Completion& completion) {
  auto& connection = op.as<ServerConnection>();
  IdleServer& home = *connection.idle_home;
  IdleConnections& pool = *home.pool;
  if (!connection.linked()) {
    // What a connection that is on its way to the others still hears makes it useless.
    connection.left_to_others &= completion.result == -ECANCELED || completion.result == -ENOBUFS;
    if (peer_at_rest(connection))
      connection.left_to_others ? pool.share_out(connection) : pool.release(connection);
  } else if (completion.result == -ENOBUFS) {
    home.unwatched = true;
  } else if (completion.result == -ECANCELED) {
    pool.watch(connection);  // the stream that had it did not want to read on
  } else {
    pool.unlink(connection);
    pool.close(connection);
  }
}

void IdleConnections::watch_again(IdleServer& home) {
  home.unwatched = false;
  for (base::List* list : {&home.once, &home.proven}) {
    base::List todo;
    todo.splice_back(*list);
    while (base::ListNode* node = todo.pop_front()) {
      list->push_back(*node);
      if (!connection_of(*node).receive.in_flight) watch(connection_of(*node));
    }
  }
}

bool IdleConnections::outdated(const IdleServer& home) const {
  const Server& server = server_of(home);
  return down(server) || home.address != &server.address();
}

void IdleConnections::on_timer(base::Timer& timer) {
  static_cast<IdleConnections*>(timer.owner)->purge_due();
}

void IdleConnections::purge_due() {
  base::TimeUs next = base::time_never;
  base::List todo;
  todo.splice_back(active_);
  while (base::ListNode* node = todo.pop_front()) {
    auto& home = static_cast<IdleServer&>(*node);
    if (home.purge_at <= lane_.now) {
      purge(home);
      home.purge_at = lane_.now + purge_delay(home);
    }
    if (home.count == 0 && (board_ == nullptr || board_->empty(home.number))) continue;
    active_.push_back(home);
    next = std::min(next, home.purge_at);
  }
  lane_.wheel->set(timer_, next);
}

// HAProxy's rule: half of those that were idle all the time since the last purge, and the last of them too.
void IdleConnections::purge(IdleServer& home) {
  if (outdated(home)) forget_outdated(home);
  for (std::uint32_t left = home.lowest - home.lowest / 2; left > 0; --left) {
    counters(home).connections_purged.add();
    evict(*least_recent(home));
  }
  home.lowest = home.count;
  if (home.unwatched) watch_again(home);
  if (board_ != nullptr) purge_shared(home);
}

// --- Out ---------------------------------------------------------------------------------------------------

void IdleConnections::evict(ServerConnection& connection) {
  unlink(connection);
  close(connection);
}

// It is in no list any more.
void IdleConnections::close(ServerConnection& connection) {
  if (connection.tls != nullptr) connection.tls->take_leave();
  peer_cancel(lane_, connection);
  if (peer_at_rest(connection)) release(connection);
}

void IdleConnections::moved(ServerConnection& connection) {
  if (!connection.linked() && peer_at_rest(connection)) connection.idle_home->pool->release(connection);
}

void IdleConnections::release(ServerConnection& connection) {
  lane_.ring->close(connection.socket);
  if (connection.tls != nullptr) lane_.tls->transports.release(connection.tls);
  if (connection.source().taken()) lane_.source_ports.give_back(connection.source());
  give_back_permit(*connection.idle_home);
  lane_.server_connections.release(&connection);
  --held_;
}

void IdleConnections::forget(IdleServer& home) {
  while (ServerConnection* connection = least_recent(home)) evict(*connection);
}

void IdleConnections::forget_server(std::uint32_t backend, std::uint32_t server) {
  IdleServer& home = this->home(backend, server);
  forget(home);
  if (board_ != nullptr) forget_shared(home);
}

// Where a server was before, other lanes leave no connections any more, and take none.
void IdleConnections::forget_outdated(IdleServer& home) {
  const Server& server = server_of(home);
  down(server) ? forget_server(home.backend, home.server) : forget(home);
  home.address = &server.address();
}

void IdleConnections::servers_changed(std::uint32_t backend) {
  for (std::uint32_t number = home_offsets_[backend]; number < home_offsets_[backend + 1]; ++number) {
    IdleServer& home = homes_[number];
    if (home.linked() && outdated(home)) forget_outdated(home);
  }
}

void IdleConnections::tls_replaced() {
  for (base::ListNode* node = active_.front(); node != nullptr; node = active_.after(*node)) {
    auto& home = static_cast<IdleServer&>(*node);
    for (base::List* list : {&home.once, &home.proven}) {
      base::List todo;
      todo.splice_back(*list);
      while (base::ListNode* one = todo.pop_front()) {
        list->push_back(*one);
        ServerConnection& connection = connection_of(*one);
        if (connection.tls != nullptr && connection.tls->is_outdated()) evict(connection);
      }
    }
  }
}

bool IdleConnections::evict_one() {
  if (idle_ == 0) return board_ != nullptr && evict_shared();
  for (;;) {
    auto& home = static_cast<IdleServer&>(*active_.pop_front());
    active_.push_back(home);
    if (home.count == 0) continue;
    evict(*least_recent(home));
    return true;
  }
}

void IdleConnections::free_descriptors() {
  for (unsigned evicted = 0; evicted < evictions_max && evict_one(); ++evicted) {
  }
}

void IdleConnections::close_all() {
  while (base::ListNode* node = active_.pop_front()) forget(static_cast<IdleServer&>(*node));
  if (board_ != nullptr) forget_all_shared();
  lane_.wheel->stop(timer_);
}

}  // namespace corelane::proxy
