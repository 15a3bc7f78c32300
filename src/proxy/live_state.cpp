// SPDX-License-Identifier: Apache-2.0
#include "proxy/live_state.hpp"

#include <algorithm>

namespace corelane::proxy {

namespace {

/// The lanes' sum of the connections that there are in a group of counters.
template <class Group>
std::uint64_t connections(const LaneShared& shared, Group group_of) {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : shared.blocks) sum += group_of(*block).connections_current.get();
  return sum;
}

}  // namespace

base::Endpoint ProcessState::destination() const noexcept {
  return session_.own_endpoint();
}

base::Endpoint ProcessState::server_source() const noexcept {
  return server_ == nullptr ? base::Endpoint{} : io::socket_local(server_->socket);
}

base::Endpoint ProcessState::server_destination() const noexcept {
  if (server_ == nullptr) return {};
  const base::Endpoint configured =
      server_->address == nullptr ? base::Endpoint{} : server_->address->endpoint();
  return configured.family != base::Family::none ? configured : io::socket_peer(server_->socket);
}

std::uint64_t ProcessState::frontend_connections(std::uint32_t frontend) const noexcept {
  return connections(
      shared_, [=](const stats::LaneBlock& block) -> auto& { return block.frontend(frontend); });
}

std::uint64_t ProcessState::backend_connections(std::uint32_t backend) const noexcept {
  return connections(
      shared_, [=](const stats::LaneBlock& block) -> auto& { return block.backend(backend); });
}

std::uint64_t ProcessState::server_connections(std::uint32_t backend, std::uint32_t server) const noexcept {
  return connections(
      shared_, [=](const stats::LaneBlock& block) -> auto& { return block.server(backend, server); });
}

std::uint64_t ProcessState::backend_queue(std::uint32_t backend) const noexcept {
  const QueueBoard* board = shared_.topology.backends()[backend].queue_board.get();
  return board == nullptr ? 0 : board->waiting();
}

std::uint64_t ProcessState::server_queue(std::uint32_t backend, std::uint32_t server) const noexcept {
  const QueueBoard* board = shared_.topology.backends()[backend].queue_board.get();
  return board == nullptr ? 0 : board->waiting(server);
}

std::uint32_t ProcessState::servers_usable(std::uint32_t backend) const noexcept {
  const Backend& place = shared_.topology.backends()[backend];
  std::uint32_t active = 0;
  std::uint32_t backups = 0;
  for (const Server& server : place.servers) {
    if (usable(server)) ++(server.config->backup ? backups : active);
  }
  if (active != 0) return active;
  return place.config->all_backups ? backups : std::min(backups, 1U);
}

bool ProcessState::server_is_up(std::uint32_t backend, std::uint32_t server) const noexcept {
  const ServerState& state = *shared_.topology.backends()[backend].servers[server].state;
  return state.status.load(std::memory_order_relaxed) == ServerStatus::up;
}

std::optional<std::uint64_t> ProcessState::connection_slots(std::uint32_t backend) const noexcept {
  const std::vector<Server>& servers = shared_.topology.backends()[backend].servers;
  std::uint64_t slots = 0;
  for (std::uint32_t s = 0; s < servers.size(); ++s) {
    if (!server_is_up(backend, s)) continue;
    const std::uint64_t places = servers[s].state->connections_max.load(std::memory_order_relaxed);
    const std::uint64_t queue_places = servers[s].config->max_queue;
    if (places == 0 || queue_places == 0) return std::nullopt;
    slots += places - std::min(places, server_connections(backend, s));
    slots += queue_places - std::min(queue_places, server_queue(backend, s));
  }
  return slots;
}

}  // namespace corelane::proxy
