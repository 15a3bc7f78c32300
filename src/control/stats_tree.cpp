// SPDX-License-Identifier: Apache-2.0
#include "control/stats_tree.hpp"

#include <nlohmann/json.hpp>

namespace corelane::control {

namespace {

using Json = nlohmann::ordered_json;

/// Adds one member per row, each the sum over the lanes of what `group_of` picks from a lane's block.
template <class Group, class GroupOf>
void add_counters(Json& json, std::span<const stats::CounterRow<Group>> rows,
                  const std::vector<const stats::LaneBlock*>& blocks, const GroupOf& group_of) {
  for (const stats::CounterRow<Group>& row : rows) {
    std::uint64_t sum = 0;
    for (const stats::LaneBlock* block : blocks) sum += (group_of(*block).*row.counter).get();
    json[std::string(row.name)] = sum;
  }
}

void add_rate(Json& json, const Rate& rate) {
  json["connection_rate"] = rate.per_second();
  json["connection_rate_max"] = rate.per_second_max();
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
  json["log_lines"] = state.log_lines;
  json["log_dropped"] = log_dropped;
  json["admin_requests"] = state.admin_requests;
  return json;
}

Json lanes_tree(const StatsSources& sources) {
  Json json = Json::array();
  for (std::size_t i = 0; i < sources.blocks.size(); ++i) {
    Json lane = {{"lane", i}, {"busy_share", sources.rates.lane_busy_share(i)}};
    add_counters(
        lane, stats::lane_rows(), {sources.blocks[i]},
        [](const auto& block) -> const auto& { return block.lane(); });
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
    Json& entry = json[frontend.name] = {{"mode", "tcp"}};
    if (frontend.default_backend != config::no_index) {
      entry["default_backend"] = model.backends[frontend.default_backend].name;
    }
    entry["connections_max"] =
        frontend.max_connections != 0 ? frontend.max_connections : sources.facts.connections_max;
    add_counters(
        entry, stats::frontend_rows(),
        sources.blocks, [f](const auto& block) -> const auto& { return block.frontend(f); });
    add_rate(entry, sources.rates.frontend(f));
  }
  return json;
}

Json check_tree(const CheckStatus& check) {
  Json json = Json::object();
  if (check.last.verdict == CheckVerdict::none) {
    json["status"] = nullptr;
  } else {
    json["status"] = check_verdict_word(check.last.verdict);
    json["description"] = check_verdict_description(check.last.verdict);
    if (check.last.error_number != 0) json["error"] = check_error_text(check.last.error_number);
    json["duration_ms"] = milliseconds(check.last.duration_us);
  }
  json["last_change_s"] = seconds(check.changed_us_ago);
  json["checks_total"] = check.checks_total;
  json["checks_failed"] = check.checks_failed;
  json["down_total"] = check.down_total;
  json["down_s"] = seconds(check.down_us);
  return json;
}

Json server_tree(const StatsSources& sources, std::uint32_t b, std::uint32_t s) {
  const config::Server& server = *sources.topology.backends()[b].servers[s].config;
  const CheckStatus check = sources.checks.status(b, s);
  Json json = {{"status", !check.checked ? "no check"
                          : check.up     ? "UP"
                                         : "DOWN"},
               {"address", server.address.text},
               {"weight", server.weight},
               {"backup", server.backup}};
  if (server.max_connections != 0) json["connections_max"] = server.max_connections;
  if (check.checked) json["check"] = check_tree(check);
  add_counters(
      json, stats::server_rows(), sources.blocks,
      [ b, s ](const auto& block) -> const auto& { return block.server(b, s); });
  add_rate(json, sources.rates.server(b, s));
  return json;
}

Json backends_tree(const StatsSources& sources) {
  Json json = Json::object();
  const auto& backends = sources.topology.backends();
  for (std::uint32_t b = 0; b < backends.size(); ++b) {
    const proxy::Backend& backend = backends[b];
    const UsableServers usable = usable_servers(backend);
    Json& entry = json[backend.config->name] = {
        {"status", usable.active + usable.backup != 0 || backend.servers.empty() ? "UP" : "DOWN"},
        {"mode", "tcp"},
        {"balance", backend.algorithm->name},
        {"servers_active", usable.active},
        {"servers_backup", usable.backup}};
    add_counters(
        entry, stats::backend_rows(),
        sources.blocks, [b](const auto& block) -> const auto& { return block.backend(b); });
    add_rate(entry, sources.rates.backend(b));
    Json& servers = entry["servers"] = Json::object();
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      servers[backend.config->servers[s].name] = server_tree(sources, b, s);
    }
  }
  return json;
}

}  // namespace

Json stats_tree(const StatsSources& sources, const ProcessState& state, base::TimeUs now) {
  return {{"version", version_tree(sources.facts)}, {"process", process_tree(sources, state, now)},
          {"lanes", lanes_tree(sources)},           {"listeners", listeners_tree(sources)},
          {"frontends", frontends_tree(sources)},   {"backends", backends_tree(sources)}};
}

std::string stats_text(const StatsSources& sources, const ProcessState& state, base::TimeUs now) {
  return stats_tree(sources, state, now).dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace corelane::control
