// SPDX-License-Identifier: Apache-2.0
#include "proxy/topology.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "rules/pattern_sets.hpp"
#include "sample/captured.hpp"

namespace corelane::proxy {

namespace {

balance::Options balance_options(const config::Backend& backend) {
  const config::Balance& balance = backend.balance;
  const bool by_header = balance.param.empty();
  return {.draws = balance.draws,
          .hash = backend.hash,
          .key = {.name = by_header ? balance.name : balance.param,
                  .len = balance.len,
                  .depth = balance.depth,
                  .whole = balance.whole,
                  .path_only = balance.path_only,
                  .domain_only = balance.use_domain_only},
          .hash_balance_factor = backend.hash_balance_factor};
}

void set_specialities(Server& server) {
  const config::Source& source = server.config->source;
  server.from_client = source.transparent != config::TransparentSource::none;
  server.to_destination = server.config->address.kind == config::Address::Kind::destination;
  server.socket_options = socket_options_of(source);
  if (source.transparent == config::TransparentSource::expression)
    server.client_expression = std::move(sample::read_expression(source.client_expression, {}).expression);
  server.special = server.from_client || server.to_destination || server.socket_options.any();
}

void store(ServerState& state, const ServerSettings& settings) {
  state.status.store(settings.status, std::memory_order_relaxed);
  state.weight.store(settings.weight, std::memory_order_relaxed);
  state.ramp.store(settings.ramp, std::memory_order_relaxed);
  state.connections_max.store(settings.connections_max, std::memory_order_relaxed);
}

}  // namespace

io::SocketOptions socket_options_of(const config::Source& source) {
  return {.interface = source.interface,
          .mark = source.marks.mark,
          .tos = source.marks.tos,
          .transparent = source.transparent != config::TransparentSource::none};
}

Topology::Topology(config::Model model, const std::vector<std::vector<io::SocketAddress>>& server_addresses,
                   const stick::HashSeed& seed)
    : model_(std::move(model)) {
  compile_rules();
  config::for_each_table(model_.frontends, model_.backends,
                         [&](const std::string&, const config::StickTable& table) {
                           tables_.push_back(std::make_unique<stick::Table>(table.shape(), seed));
                         });
  for (std::size_t b = 0; b < model_.backends.size(); ++b) {
    const config::Backend& configured = model_.backends[b];
    Backend& backend = backends_.emplace_back();
    backend.config = &configured;
    backend.algorithm = &balance::registry()[configured.balance.algorithm];
    backend.options = balance_options(configured);
    auto& addresses = addresses_.emplace_back(configured.servers.size());
    backend.ramps_weights = !balance::keeps_map(*backend.algorithm, backend.options);
    backend.counts_connections =
        backend.algorithm->needs_connections || backend.options.hash_balance_factor != 0;
    for (std::size_t s = 0; s < configured.servers.size(); ++s) {
      Server& server = backend.servers.emplace_back();
      server.config = &configured.servers[s];
      server.state = &states_.emplace_back();
      addresses[s].push_back({server_addresses[b][s], server.config->address.text});
      server.state->address = &addresses[s].back().address;
      store(*server.state,
            {.weight = server.config->weight, .connections_max = server.config->max_connections});
      if (server.config->observe != config::Observe::none) server.error_limit = server.config->error_limit;
      set_specialities(server);
      any_to_destination_ |= server.to_destination;
      any_client_expression_ |= server.client_expression.has_value();
      any_needs_proxy_headers_ |=
          server.config->send_proxy.version != config::ProxyVersion::none || server.to_destination;
      for (const config::SourceAddress& source : server.config->source.addresses)
        server.source_pools.push_back(source_pool(source, server.address()));
      // An agent may set a limit at any time.
      backend.limited |= server.config->max_connections != 0 || server.config->agent_check.port != 0;
    }
    backend.counts_connections |= backend.limited;
  }
}

void Topology::compile_rules() {
  sample::Names names =
      config::names_of(model_.frontends, model_.backends, model_.pattern_files.sets.get(), &variable_names_);
  for (const config::UserList& list : model_.user_lists) names.user_lists.push_back(list.name);
  names.hello_kept = &keeps_hellos_;
  // They were found sound when the file was read.
  const auto refuse = [](const auto&, const sample::Fault&) { CORELANE_CHECK(false); };
  for (const config::Frontend& frontend : model_.frontends) {
    rules_.push_back(config::compile_rules(frontend, names, refuse));
    logs_.push_back(config::compile_logs(frontend, names, refuse));
  }
  for (const config::Backend& backend : model_.backends)
    backend_rules_.push_back(config::compile_rules(backend, names, refuse));
  find_kept_captures();
  find_handshake_waits();
  if (variable_names_.in_process() != 0)
    process_variables_ = std::make_unique<sample::ProcessVariables>(variable_names_.in_process());
}

void Topology::find_handshake_waits() {
  const auto waits = [](const auto& owner) {
    const std::vector<config::Rule>& rules = owner.rules[rules::RuleList::http_request];
    return std::any_of(rules.begin(), rules.end(), [](const config::Rule& rule) {
      return rule.action == rules::Action::wait_for_handshake;
    });
  };
  for (const config::Frontend& frontend : model_.frontends) {
    bool any = waits(frontend);
    for (std::uint32_t b = 0; b < model_.backends.size(); ++b)
      any = any || (frontend.leads_to(b) && waits(model_.backends[b]));
    waits_for_handshakes_.push_back(any);
  }
}

void Topology::find_kept_captures() {
  const auto find = [this](std::string_view name) { return variable_names_.find_of_stream(name); };
  for (const config::Frontend& frontend : model_.frontends) {
    const config::CaptureSlots& slots = capture_slots_.emplace_back(config::capture_slots(frontend));
    KeptCaptures& kept = kept_captures_.emplace_back();
    for (std::size_t i = 0; i < slots.request_fields; ++i)
      if (const auto variable = find(config::capture_variable(false, i)))
        kept.request_fields.push_back({i, *variable});
    for (std::size_t i = 0; i < slots.response_fields; ++i)
      if (const auto variable = find(config::capture_variable(true, i)))
        kept.response_fields.push_back({i, *variable});
    for (std::size_t i = slots.request_fields; i < slots.request.size(); ++i)
      kept.request_slots.push_back(*variable_names_.add(config::capture_variable(false, i)));
    for (std::size_t i = slots.response_fields; i < slots.response.size(); ++i)
      kept.response_slots.push_back(*variable_names_.add(config::capture_variable(true, i)));
    kept.method = find(sample::captured_method);
    kept.uri = find(sample::captured_uri);
    kept.request_version = find(sample::captured_request_version);
    kept.response_version = find(sample::captured_response_version);
  }
}

bool Topology::any_rules() const noexcept {
  const auto some = [](const auto& rules) { return rules != nullptr; };
  return any_client_expression_ || std::any_of(rules_.begin(), rules_.end(), some) ||
         std::any_of(backend_rules_.begin(), backend_rules_.end(), some) ||
         std::any_of(logs_.begin(), logs_.end(), [](const auto& logs) { return logs.looks_up_values(); });
}

namespace {

template <class Wanted>
bool any_rule(const config::Model& model, Wanted wanted) {
  const auto some = [wanted](const auto& owner) {
    return std::any_of(owner.rules.lists.begin(), owner.rules.lists.end(),
                       [wanted](const auto& list) { return std::any_of(list.begin(), list.end(), wanted); });
  };
  return std::any_of(model.frontends.begin(), model.frontends.end(), some) ||
         std::any_of(model.backends.begin(), model.backends.end(), some);
}

}  // namespace

bool Topology::rules_change_patterns() const noexcept {
  return any_rule(model_, [](const config::Rule& rule) { return !rule.map.empty() || !rule.acl.empty(); });
}

bool Topology::rules_set_priorities() const noexcept {
  return any_rule(model_, [](const config::Rule& rule) {
    return rule.action == rules::Action::set_priority_class ||
           rule.action == rules::Action::set_priority_offset;
  });
}

std::uint32_t Topology::source_pool(const config::SourceAddress& address,
                                    const io::SocketAddress& destination) {
  const std::string key = address.text + " to " + base::endpoint_text(destination.endpoint());
  const auto [known, fresh] =
      source_pool_numbers_.try_emplace(key, static_cast<std::uint32_t>(source_pools_.size()));
  if (fresh) source_pools_.push_back({&address, destination});
  return known->second;
}

void Topology::publish(std::uint32_t backend, std::uint32_t server, const ServerSettings& settings) {
  store(*backends_[backend].servers[server].state, settings);
  // Orders the settings before the number that makes lanes look at it.
  backends_[backend].generation.fetch_add(1, std::memory_order_release);
}

bool Topology::takes_address(std::uint32_t backend, std::uint32_t server, const std::string& text) const {
  const std::deque<KnownAddress>& known = addresses_[backend][server];
  return known.size() < addresses_of_server_max ||
         std::any_of(known.begin(), known.end(),
                     [&](const KnownAddress& entry) { return entry.text == text; });
}

void Topology::set_address(std::uint32_t backend, std::uint32_t server, const io::SocketAddress& address,
                           const std::string& text) {
  std::deque<KnownAddress>& known = addresses_[backend][server];
  auto found =
      std::find_if(known.begin(), known.end(), [&](const KnownAddress& entry) { return entry.text == text; });
  if (found == known.end()) found = known.insert(known.end(), {address, text});
  backends_[backend].servers[server].state->address.store(&found->address, std::memory_order_release);
}

const std::string& Topology::address_text(std::uint32_t backend, std::uint32_t server) const {
  const io::SocketAddress* present = &backends_[backend].servers[server].address();
  const std::deque<KnownAddress>& known = addresses_[backend][server];
  return std::find_if(known.begin(), known.end(),
                      [&](const KnownAddress& entry) { return &entry.address == present; })
      ->text;
}

bool usable(const Server& server) {
  return server.state->weight.load(std::memory_order_relaxed) != 0 &&
         server.state->status.load(std::memory_order_relaxed) == ServerStatus::up;
}

namespace {

bool has_usable_active(const Backend& backend) {
  for (const Server& server : backend.servers) {
    if (!server.config->backup && usable(server)) return true;
  }
  return false;
}

bool starts_slowly(const Server& server) {
  return server.state->ramp.load(std::memory_order_relaxed) != balance::weight_fine;
}

}  // namespace

std::uint32_t backend_views(const Backend& backend, std::vector<balance::ServerView>& views) {
  const bool fine =
      backend.ramps_weights && std::any_of(backend.servers.begin(), backend.servers.end(), starts_slowly);
  const bool use_backups = !has_usable_active(backend);
  bool backup_taken = false;
  views.resize(backend.servers.size());
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Server& server = backend.servers[i];
    bool in_use = usable(server) && server.config->backup == use_backups;
    if (in_use && use_backups && !backend.config->all_backups) in_use = !std::exchange(backup_taken, true);
    views[i] = {.weight = in_use ? server.state->weight.load(std::memory_order_relaxed) : 0,
                .connections = 0,
                .connections_max = server.state->connections_max.load(std::memory_order_relaxed)};
    if (fine) views[i].weight *= server.state->ramp.load(std::memory_order_relaxed);
  }
  return fine ? balance::weight_fine : 1;
}

}  // namespace corelane::proxy
