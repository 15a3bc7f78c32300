// SPDX-License-Identifier: Apache-2.0
#include "proxy/server_choice.hpp"

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
}

void ServerChoice::refresh() {
  const std::uint32_t generation = backend_.generation.load(std::memory_order_acquire);
  if (generation == generation_seen_) return;
  generation_seen_ = generation;
  backend_views(backend_, views_);
  usable_count_ = 0;
  for (const balance::ServerView& view : views_) usable_count_ += view.weight != 0;
  backend_.algorithm->changed(state_, views_);
}

void ServerChoice::refresh_connections() {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    views_[i].connections = backend_.servers[i].state->connections.load(std::memory_order_relaxed);
  }
}

std::uint32_t ServerChoice::usable_count() {
  refresh();
  return usable_count_;
}

std::uint32_t ServerChoice::choose(std::uint64_t source_hash, std::uint32_t avoid) {
  refresh();
  if (backend_.counts_connections) refresh_connections();
  const balance::PickInput input{.source_hash = source_hash, .random = next_random(random_), .avoid = avoid};
  all_full_ = false;
  // Another lane may fill the picked server first; each such loss marks one more server as full.
  for (std::size_t tries = 0; tries <= views_.size(); ++tries) {
    const std::uint32_t server =
        backend_.algorithm->pick(state_, views_, input, backend_.config->balance.draws);
    if (server == balance::no_server) break;
    if (reserve(server)) return server;
  }
  all_full_ = usable_count_ > 0;
  return balance::no_server;
}

bool ServerChoice::reserve(std::uint32_t server) {
  if (!backend_.counts_connections) return true;
  std::atomic<std::uint32_t>& connections = backend_.servers[server].state->connections;
  const std::uint32_t limit = views_[server].connections_max;
  std::uint32_t count = connections.load(std::memory_order_relaxed);
  do {
    if (limit != 0 && count >= limit) {
      views_[server].connections = count;
      return false;
    }
  } while (!connections.compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
  return true;
}

void ServerChoice::take(std::uint32_t server) {
  if (!backend_.counts_connections) return;
  backend_.servers[server].state->connections.fetch_add(1, std::memory_order_relaxed);
}

void ServerChoice::give_back(std::uint32_t server) {
  if (!backend_.counts_connections) return;
  backend_.servers[server].state->connections.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace corelane::proxy
