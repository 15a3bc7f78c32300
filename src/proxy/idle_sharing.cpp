// SPDX-License-Identifier: Apache-2.0
// Idle connections that the lanes of a process leave for each other.
#include "proxy/idle_board.hpp"
#include "proxy/idle_connections.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

/// How often a lane that lacks connections of its own looks at what all have in use.
constexpr base::TimeUs share_renewal_us = 1000;

}  // namespace

// A source port belongs to its lane, and so does TLS, whose state cannot be handed over. One idle connection
// every lane may have.
bool IdleConnections::beyond_share(const IdleServer& home, const ServerConnection& connection) const {
  if (home.count == 0 || connection.source().taken() || connection.tls != nullptr) return false;
  const std::uint64_t in_use = lane_.counters.server(home.backend, home.server).connections_current.get();
  return in_use + home.count >= home.share;
}

void IdleConnections::leave_to_others(ServerConnection& connection) {
  connection.left_to_others = true;
  lane_.ring->cancel(connection.receive);
  if (connection.ops_in_flight == 0) share_out(connection);
}

// Its permit goes with it.
void IdleConnections::share_out(ServerConnection& connection) {
  IdleServer& home = *connection.idle_home;
  const SharedConnection shared{.socket = connection.socket,
                                .exchanges = connection.exchanges,
                                .address = connection.address,
                                .since = lane_.now};
  if (lane_.draining || !board_->put(home.number, shared)) return release(connection);
  lane_.server_connections.release(&connection);
  --held_;
  activate(home);
}

// Nobody has watched it meanwhile.
ServerConnection* IdleConnections::take_shared(IdleServer& home, Wanted wanted) {
  const Server& server = server_of(home);
  if (lane_.now - home.share_at >= share_renewal_us) renew_share(home);
  SharedConnection found;
  while (board_->take(home.number, found)) {
    if (found.address != &server.address() || !io::socket_quiet(found.socket)) {
      drop_shared(home, found);
      continue;
    }
    if (wanted == Wanted::proven && found.exchanges < 2) {
      if (!board_->put(home.number, found)) drop_shared(home, found);
      break;
    }
    give_back_permit(home);
    ServerConnection* connection = lane_.server_connections.acquire(Side::server, found.socket);
    CORELANE_CHECK(connection != nullptr);  // the pool has room for all in use and as many idle ones
    connection->exchanges = found.exchanges;
    connection->address = found.address;
    connection->idle_home = &home;
    return connection;
  }
  return nullptr;
}

void IdleConnections::drop_shared(const IdleServer& home, const SharedConnection& connection) {
  lane_.ring->close(connection.socket);
  give_back_permit(home);
}

void IdleConnections::forget_shared(IdleServer& home) {
  SharedConnection found;
  while (board_->take(home.number, found)) drop_shared(home, found);
}

// Each lane that drains does this, and leaves nothing there afterwards: nor does, in the end, the last one.
void IdleConnections::forget_all_shared() {
  for (std::uint32_t number = 0; number < home_offsets_.back(); ++number) forget_shared(homes_[number]);
}

bool IdleConnections::evict_shared() {
  SharedConnection found;
  for (std::uint32_t number = 0; number < home_offsets_.back(); ++number) {
    if (!board_->take(number, found)) continue;
    drop_shared(homes_[number], found);
    return true;
  }
  return false;
}

void IdleConnections::purge_shared(IdleServer& home) {
  const base::TimeUs last = board_->begin_purge(home.number, lane_.now, purge_delay(home), in_use(home));
  if (last == base::time_never) {
    board_->saw_in_use(home.number, in_use(home));
  } else {
    const io::SocketAddress* address = &server_of(home).address();
    board_->purge(
        home.number, last,
        [&](const SharedConnection& found) {
          return found.address == address && io::socket_quiet(found.socket);
        },
        [&](const SharedConnection& found, bool needed) {
          if (!needed) counters(home).connections_purged.add();
          drop_shared(home, found);
        });
  }
  home.share = board_->share(home.number);
}

// By all lanes.
std::uint32_t IdleConnections::in_use(const IdleServer& home) const {
  std::uint64_t count = 0;
  for (const stats::LaneBlock* block : lane_.shared.blocks)
    count += block->server(home.backend, home.server).connections_current.get();
  return static_cast<std::uint32_t>(count);
}

// One more is about to be in use.
void IdleConnections::renew_share(IdleServer& home) {
  board_->saw_in_use(home.number, in_use(home) + 1);
  home.share = board_->share(home.number);
  home.share_at = lane_.now;
}

}  // namespace corelane::proxy
