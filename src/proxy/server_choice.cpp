// SPDX-License-Identifier: Apache-2.0
#include "proxy/server_choice.hpp"

#include <algorithm>

namespace corelane::proxy {

namespace {

// splitmix64: the lane's own sequence, so that a seeded run repeats itself.
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

ServerChoice::ServerChoice(Backend& backend, std::uint32_t lane, std::uint32_t lanes, std::uint64_t seed)
    : backend_(backend), scratch_(backend.servers.size()), random_(seed) {
  state_.lane = lane;
  state_.lanes = lanes;
  state_.scratch = scratch_;
  refresh();
}

void ServerChoice::refresh() {
  const std::uint32_t generation = backend_.generation.load(std::memory_order_acquire);
  if (generation == generation_seen_) return;
  generation_seen_ = generation;
  state_.weight_unit = backend_views(backend_, views_);
  usable_count_ = 0;
  for (const balance::ServerView& view : views_) usable_count_ += view.weight != 0;
  backend_.algorithm->changed(state_, views_, backend_.options);
}

void ServerChoice::refresh_connections() {
  // An algorithm that insists on one server is not told that it is full: its client waits there.
  const bool insists = backend_.algorithm->deterministic;
  const std::uint64_t in_backend = backend_connections();
  for (std::uint32_t i = 0; i < views_.size(); ++i) {
    views_[i].connections = backend_.servers[i].state->connections.load(std::memory_order_relaxed);
    views_[i].connections_max = insists ? 0 : limit_at(i, in_backend);
  }
}

std::uint32_t ServerChoice::usable_count() {
  refresh();
  return usable_count_;
}

bool ServerChoice::others_wait(std::uint32_t queue) const {
  return backend_.queue_board != nullptr && backend_.queue_board->waiting(queue) > 0;
}

std::optional<std::uint32_t> ServerChoice::key_of(const balance::Request& request) const {
  const balance::Options& options = backend_.options;
  if (backend_.algorithm->key_hash == nullptr) return std::nullopt;
  return backend_.algorithm->key_hash(options.hash, options.key, request);
}

std::uint32_t ServerChoice::choose(std::optional<std::uint32_t> key, std::uint32_t avoid) {
  refresh();
  all_full_ = usable_count_ > 0;
  wanted_ = balance::no_server;
  const bool insists = backend_.algorithm->deterministic;
  if (!insists && backend_.queue_board != nullptr && others_wait(backend_.queue_board->any_server())) {
    return balance::no_server;
  }
  if (backend_.counts_connections) refresh_connections();
  const balance::PickInput input{.key_hash = key, .random = next_random(random_), .avoid = avoid};
  const balance::Algorithm& algorithm = *backend_.algorithm;
  // Another lane may fill the picked server first; each such loss marks one more server as full.
  for (std::size_t tries = 0; tries <= views_.size(); ++tries) {
    const std::uint32_t server = algorithm.pick(state_, views_, input, backend_.options);
    if (server == balance::no_server) break;
    if (!(insists && others_wait(server)) && take_place(server)) return server;
    if (!insists) continue;
    wanted_ = server;
    break;
  }
  return balance::no_server;
}

std::uint32_t ServerChoice::choose_elsewhere(std::uint32_t avoid) {
  for (std::uint32_t server = 0; server < backend_.servers.size(); ++server) {
    if (server != avoid && has_room(server) && take_place(server)) return server;
  }
  return balance::no_server;
}

bool ServerChoice::usable(std::uint32_t server) {
  refresh();
  return views_[server].weight != 0;
}

bool ServerChoice::has_room(std::uint32_t server) {
  if (!usable(server)) return false;
  const std::uint32_t limit = limit_at(server, backend_connections());
  return limit == 0 || backend_.servers[server].state->connections.load(std::memory_order_relaxed) < limit;
}

// Nobody asks where no limit follows the load.
std::uint64_t ServerChoice::backend_connections() const {
  if (backend_.config->full_connections == 0) return 0;
  std::uint64_t connections = backend_.queue_board != nullptr ? backend_.queue_board->waiting() : 0;
  for (const Server& server : backend_.servers) {
    connections += server.state->connections.load(std::memory_order_relaxed);
  }
  return connections;
}

// HAProxy's dynamic limit: from min_connections up to max_connections as the backend's connections, those
// that wait included, grow to full_connections; of that a share while the server starts slowly.
std::uint32_t ServerChoice::limit_at(std::uint32_t server, std::uint64_t backend_connections) const {
  const ServerState& state = *backend_.servers[server].state;
  const std::uint32_t minimum = backend_.servers[server].config->min_connections;
  const std::uint64_t full = backend_.config->full_connections;
  std::uint64_t limit = state.connections_max.load(std::memory_order_relaxed);
  if (limit == 0) return 0;
  if (minimum != 0 && backend_connections < full) {
    limit = std::max<std::uint64_t>(minimum, limit * backend_connections / full);
  }
  limit = limit * state.ramp.load(std::memory_order_relaxed) / balance::weight_fine;
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(limit, 1));
}

bool ServerChoice::take_place(std::uint32_t server) {
  if (!backend_.counts_connections) return true;
  std::atomic<std::uint32_t>& connections = backend_.servers[server].state->connections;
  const std::uint32_t limit = limit_at(server, backend_connections());
  std::uint32_t count = connections.load(std::memory_order_relaxed);
  do {
    if (limit != 0 && count >= limit) {
      views_[server].connections = views_[server].connections_max = limit;
      return false;
    }
  } while (!connections.compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
  return true;
}

void ServerChoice::give_back(std::uint32_t server) {
  if (!backend_.counts_connections) return;
  backend_.servers[server].state->connections.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace corelane::proxy
