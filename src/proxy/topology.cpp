// SPDX-License-Identifier: Apache-2.0
#include "proxy/topology.hpp"

#include <utility>

namespace corelane::proxy {

namespace {

balance::Options balance_options(const config::Backend& backend) {
  return {.draws = backend.balance.draws,
          .hash = backend.hash,
          .hash_balance_factor = backend.hash_balance_factor};
}

}  // namespace

Topology::Topology(config::Model model, const std::vector<std::vector<io::SocketAddress>>& server_addresses)
    : model_(std::move(model)) {
  for (std::size_t b = 0; b < model_.backends.size(); ++b) {
    const config::Backend& configured = model_.backends[b];
    Backend& backend = backends_.emplace_back();
    backend.config = &configured;
    backend.algorithm = &balance::registry()[configured.balance.algorithm];
    backend.options = balance_options(configured);
    backend.counts_connections =
        backend.algorithm->needs_connections || backend.options.hash_balance_factor != 0;
    for (std::size_t s = 0; s < configured.servers.size(); ++s) {
      Server& server = backend.servers.emplace_back();
      server.config = &configured.servers[s];
      server.address = server_addresses[b][s];
      server.state = &states_.emplace_back();
      backend.sends_proxy_headers |= server.config->send_proxy.version != config::ProxyVersion::none;
      for (const config::SourceAddress& source : server.config->source.addresses)
        server.source_pools.push_back(source_pool(source, server.address));
      backend.counts_connections |= server.config->max_connections != 0;
    }
  }
}

std::uint32_t Topology::source_pool(const config::SourceAddress& address,
                                    const io::SocketAddress& destination) {
  const std::string key = address.text + " to " + base::endpoint_text(destination.endpoint());
  const auto [known, fresh] =
      source_pool_numbers_.try_emplace(key, static_cast<std::uint32_t>(source_pools_.size()));
  if (fresh) source_pools_.push_back({&address, destination});
  return known->second;
}

void Topology::set_status(std::uint32_t backend, std::uint32_t server, ServerStatus status) {
  backends_[backend].servers[server].state->status.store(status, std::memory_order_relaxed);
  // Orders the status before the number that makes lanes look at it.
  backends_[backend].generation.fetch_add(1, std::memory_order_release);
}

namespace {

bool usable(const Server& server) {
  return server.config->weight != 0 &&
         server.state->status.load(std::memory_order_relaxed) == ServerStatus::up;
}

bool has_usable_active(const Backend& backend) {
  for (const Server& server : backend.servers) {
    if (!server.config->backup && usable(server)) return true;
  }
  return false;
}

}  // namespace

void backend_views(const Backend& backend, std::vector<balance::ServerView>& views) {
  const bool use_backups = !has_usable_active(backend);
  bool backup_taken = false;
  views.resize(backend.servers.size());
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Server& server = backend.servers[i];
    bool in_use = usable(server) && server.config->backup == use_backups;
    if (in_use && use_backups && !backend.config->all_backups) in_use = !std::exchange(backup_taken, true);
    views[i] = {.weight = in_use ? server.config->weight : 0,
                .connections = 0,
                .connections_max = server.config->max_connections};
  }
}

}  // namespace corelane::proxy
