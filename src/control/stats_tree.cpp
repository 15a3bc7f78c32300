// SPDX-License-Identifier: Apache-2.0
#include "control/stats_tree.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/table_admin.hpp"
#include "stats/sum.hpp"

namespace corelane::control {

namespace {

using Json = nlohmann::ordered_json;

std::string_view mode_word(config::Mode mode) {
  return mode == config::Mode::http ? "http" : "tcp";
}

/// Adds one member per row of the group's table that can count something in this mode.
template <class Group>
void add_counters(Json& json, std::span<const stats::CounterRow<Group>> rows, const stats::Sums<Group>& sums,
                  config::Mode mode = config::Mode::tcp) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].http_only || mode == config::Mode::http) json[std::string(rows[i].name)] = sums.values[i];
  }
}

void add_rate(Json& json, const Rate& rate) {
  json["connection_rate"] = rate.per_second();
  json["connection_rate_max"] = rate.per_second_max();
}

bool has_tls(const config::Frontend& frontend) {
  return std::ranges::any_of(frontend.bind, [](const config::Bind& bind) { return bind.tls.has_value(); });
}

void add_handshake_rates(Json& json, const Rates::Handshakes& handshakes) {
  json["handshake_rate"] = handshakes.all.per_second();
  json["handshake_rate_max"] = handshakes.all.per_second_max();
  json["full_handshake_rate"] = handshakes.full.per_second();
  json["full_handshake_rate_max"] = handshakes.full.per_second_max();
}

/// Of the clients of all frontends, on these lanes; null where none has TLS.
Json tls_tree(const proxy::Topology& topology, stats::Lanes lanes) {
  stats::Sums<stats::TlsCounters> all;
  bool any = false;
  const std::vector<config::Frontend>& frontends = topology.model().frontends;
  for (std::size_t f = 0; f < frontends.size(); ++f) {
    if (!has_tls(frontends[f])) continue;
    any = true;
    const stats::Sums<stats::TlsCounters> one = stats::sum_tls(lanes, f);
    for (std::size_t i = 0; i < one.values.size(); ++i) all.values[i] += one.values[i];
  }
  Json json;
  if (any) add_counters(json, stats::tls_rows(), all);
  return json;
}

// Seconds with milliseconds, so that readers can tell rates from two trees.
double seconds(base::TimeUs span_us) {
  return static_cast<double>(span_us / 1000) / 1e3;
}
double milliseconds(base::TimeUs span_us) {
  return static_cast<double>(span_us) / 1e3;
}

Json version_tree(const ProcessFacts& facts) {
  return {{"corelane", facts.version}, {"kernel", facts.kernel}, {"io_uring", facts.io_uring}};
}

Json process_tree(const StatsSources& sources, const ProcessState& state, base::TimeUs now) {
  std::uint64_t current = 0;
  std::uint64_t total = 0;
  std::uint64_t log_dropped = state.log_dropped;
  for (const stats::LaneBlock* block : sources.blocks) {
    current += block->lane().connections_current.get();
    total += block->lane().connections_total.get();
    log_dropped += block->lane().log_dropped.get();
  }
  Json json = {{"pid", sources.facts.pid},
               {"uptime_s", seconds(now - sources.facts.started_at)},
               {"state", state.accepting ? "accepting" : "draining"},
               {"lanes", sources.blocks.size()},
               {"connections_current", current},
               {"connections_max", sources.facts.connections_max},
               {"connections_total", total}};
  add_rate(json, sources.rates.process());
  if (Json tls = tls_tree(sources.topology, sources.blocks); !tls.is_null()) {
    add_handshake_rates(tls, sources.rates.handshakes());
    json["tls"] = std::move(tls);
  }
  json["log_lines"] = state.log_lines;
  json["log_dropped"] = log_dropped;
  json["admin_requests"] = state.admin_requests;
  return json;
}

Json lanes_tree(const StatsSources& sources) {
  Json json = Json::array();
  for (std::size_t i = 0; i < sources.blocks.size(); ++i) {
    Json lane = {{"lane", i}, {"busy_share", sources.rates.lane_busy_share(i)}};
    add_counters(lane, stats::lane_rows(), stats::sum_lanes({&sources.blocks[i], 1}));
    if (Json tls = tls_tree(sources.topology, {&sources.blocks[i], 1}); !tls.is_null())
      lane["tls"] = std::move(tls);
    json.push_back(std::move(lane));
  }
  return json;
}

Json listeners_tree(const StatsSources& sources) {
  Json json = Json::array();
  for (const ProcessFacts::Listener& listener : sources.facts.listeners) {
    const std::string& frontend = sources.topology.model().frontends[listener.frontend].name;
    json.push_back({{"frontend", frontend}, {"address", listener.address}});
  }
  return json;
}

Json frontends_tree(const StatsSources& sources) {
  const config::Model& model = sources.topology.model();
  Json json = Json::object();
  for (std::size_t f = 0; f < model.frontends.size(); ++f) {
    const config::Frontend& frontend = model.frontends[f];
    Json& entry = json[frontend.name] = {{"mode", mode_word(frontend.mode)}};
    if (frontend.default_backend != config::no_index) {
      entry["default_backend"] = model.backends[frontend.default_backend].name;
    }
    entry["connections_max"] =
        frontend.max_connections != 0 ? frontend.max_connections : sources.facts.connections_max;
    add_counters(entry, stats::frontend_rows(), stats::sum_frontend(sources.blocks, f), frontend.mode);
    add_rate(entry, sources.rates.frontend(f));
    if (!has_tls(frontend)) continue;
    Json& tls = entry["tls"];
    add_counters(tls, stats::tls_rows(), stats::sum_tls(sources.blocks, f));
    add_handshake_rates(tls, sources.rates.handshakes(f));
  }
  return json;
}

Json check_tree(const ServerCheck& check, base::TimeUs now) {
  const check::HealthHistory& history = check.history();
  const check::CheckStatusRow& row = check::check_status_row(history.last().status);
  Json json = {{"status", row.word}, {"description", row.description}};
  if (history.last().code != 0) json["code"] = history.last().code;
  if (!history.last().text.empty()) json["info"] = history.last().text;
  if (row.status != check::CheckStatus::initializing)
    json["duration_ms"] = milliseconds(history.last().duration_us);
  json["last_change_s"] = seconds(now - history.changed_at());
  json["checks_total"] = history.checks_total();
  json["checks_failed"] = history.checks_failed();
  json["checks_skipped"] = check.checks_skipped();
  json["errors_observed"] = history.errors_observed();
  json["down_total"] = history.transitions_down();
  json["down_s"] = seconds(history.down_us(now));
  return json;
}

Json agent_tree(const ServerAgent& agent, const check::ServerCondition& condition) {
  const check::CheckResult& last = agent.last();
  Json json = {{"status", check::check_status_row(last.status).word}};
  if (!last.text.empty()) json["info"] = last.text;
  if (last.status != check::CheckStatus::initializing) json["duration_ms"] = milliseconds(last.duration_us);
  if (condition.agent() != check::Opinion::none)
    json["health"] = condition.agent() == check::Opinion::up ? "UP" : "DOWN";
  json["checks_total"] = agent.asked_total();
  json["checks_failed"] = agent.failed_total();
  return json;
}

// One entry for each source address of the server; servers with the same address share their ports.
Json sources_tree(const StatsSources& sources, const proxy::Server& server) {
  Json json = Json::array();
  for (const std::uint32_t pool : server.source_pools) {
    Json entry = {{"address", sources.topology.source_pools()[pool].address->text}};
    add_counters(entry, stats::source_rows(), stats::sum_source(sources.blocks, pool));
    json.push_back(std::move(entry));
  }
  return json;
}

Json server_tree(const StatsSources& sources, std::uint32_t b, std::uint32_t s, base::TimeUs now) {
  const config::Server& server = *sources.topology.backends()[b].servers[s].config;
  const ServerCheck* check = sources.checks.find(b, s);
  Json json = server_standing_tree(sources.topology, sources.conditions, b, s);
  json["backup"] = server.backup;
  if (check != nullptr) json["check"] = check_tree(*check, now);
  if (const ServerAgent* agent = sources.checks.find_agent(b, s))
    json["agent"] = agent_tree(*agent, sources.conditions.condition(b, s));
  if (!server.track.text.empty()) json["track"] = server.track.text;
  add_counters(json, stats::server_rows(), stats::sum_server(sources.blocks, b, s), server.mode);
  const proxy::Server& prepared = sources.topology.backends()[b].servers[s];
  if (!prepared.source_pools.empty()) json["sources"] = sources_tree(sources, prepared);
  add_rate(json, sources.rates.server(b, s));
  return json;
}

Json backends_tree(const StatsSources& sources, base::TimeUs now) {
  Json json = Json::object();
  const auto& backends = sources.topology.backends();
  for (std::uint32_t b = 0; b < backends.size(); ++b) {
    const proxy::Backend& backend = backends[b];
    const UsableServers usable = usable_servers(backend);
    Json& entry = json[backend.config->name] = {
        {"status", usable.active + usable.backup != 0 || backend.servers.empty() ? "UP" : "DOWN"},
        {"mode", mode_word(backend.config->mode)},
        {"balance", backend.algorithm->name},
        {"servers_active", usable.active},
        {"servers_backup", usable.backup}};
    add_counters(entry, stats::backend_rows(), stats::sum_backend(sources.blocks, b), backend.config->mode);
    add_rate(entry, sources.rates.backend(b));
    Json& servers = entry["servers"] = Json::object();
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      servers[backend.config->servers[s].name] = server_tree(sources, b, s, now);
    }
  }
  return json;
}

Json tables_tree(const proxy::Topology& topology) {
  Json json = Json::object();
  const std::vector<std::string> names = table_names(topology.model());
  for (std::size_t i = 0; i < names.size(); ++i) json[names[i]] = table_tree(*topology.tables()[i]);
  return json;
}

}  // namespace

Json server_standing_tree(const proxy::Topology& topology, const ServerConditions& conditions,
                          std::uint32_t backend, std::uint32_t server) {
  constexpr std::uint32_t full = check::ServerCondition::ramp_full;
  const check::ServerCondition& condition = conditions.condition(backend, server);
  const check::Standing standing = conditions.standing(backend, server);
  const std::uint32_t ramp = topology.backends()[backend].ramps_weights ? standing.ramp : full;
  Json json = {{"status", check::server_word_text(standing.word)},
               {"state", check::admin_state_word(condition.admin())},
               {"address", topology.address_text(backend, server)},
               {"weight", condition.weight()},
               {"weight_effective", static_cast<double>(standing.weight * ramp) / full}};
  if (standing.ramp != full) json["slow_start_percent"] = standing.ramp * 100 / full;
  if (standing.connections_max != 0) json["connections_max"] = standing.connections_max;
  return json;
}

Json stats_tree(const StatsSources& sources, const ProcessState& state, base::TimeUs now) {
  return {{"version", version_tree(sources.facts)}, {"process", process_tree(sources, state, now)},
          {"lanes", lanes_tree(sources)},           {"listeners", listeners_tree(sources)},
          {"frontends", frontends_tree(sources)},   {"backends", backends_tree(sources, now)},
          {"tables", tables_tree(sources.topology)}};
}

std::string stats_text(const StatsSources& sources, const ProcessState& state, base::TimeUs now) {
  return stats_tree(sources, state, now).dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace corelane::control
