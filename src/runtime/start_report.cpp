// SPDX-License-Identifier: Apache-2.0
#include "runtime/start_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "balance/balancer.hpp"
#include "base/units.hpp"

namespace corelane::runtime {

namespace {

std::string server_health(const config::Server& server, const config::Backend& backend) {
  if (!server.check.enabled) return "UP, not checked";
  return fmt::format("UP until checked, every {}", base::duration_text(backend.check.interval_ms));
}

/// One line: a label in the first column, the rest as it is.
void add_line(std::string& text, std::string_view label, const std::string& rest) {
  text += fmt::format("  {:<12} {}\n", label, rest);
}

/// The width of a column: the longest of its cells.
template <class Row>
std::size_t column_width(const std::vector<Row>& rows, std::string (*cell)(const Row&)) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, cell(row).size());
  return width;
}

std::string server_name(const StartReport::Server& server) {
  return server.backend + "/" + server.name;
}

std::string server_address(const StartReport::Server& server) {
  return server.resolved.empty() ? server.address : fmt::format("{} ({})", server.address, server.resolved);
}

std::string listener_frontend(const StartReport::Listener& listener) {
  return listener.frontend;
}
std::string listener_address(const StartReport::Listener& listener) {
  return listener.address;
}

std::string lanes_text(const StartReport& report) {
  if (report.cpus.empty()) return fmt::format("{}, not pinned", report.lanes);
  return fmt::format("{}, on CPU {}", report.lanes, fmt::join(report.cpus, " "));
}

std::string connections_text(const DescriptorPlan& plan) {
  return fmt::format("{} at most ({} {} file descriptors)", plan.connections,
                     plan.derived ? "derived from" : "configured, within", plan.limit);
}

void add_listeners(std::string& text, const StartReport& report) {
  const std::size_t frontends = column_width(report.listeners, listener_frontend);
  const std::size_t addresses = column_width(report.listeners, listener_address);
  for (const StartReport::Listener& listener : report.listeners) {
    add_line(text, "listen",
             fmt::format("{:<{}}  {:<{}}  -> {} ({})", listener.frontend, frontends, listener.address,
                         addresses, listener.backend, listener.balance));
  }
}

void add_servers(std::string& text, const StartReport& report) {
  const std::size_t names = column_width(report.servers, server_name);
  const std::size_t addresses = column_width(report.servers, server_address);
  for (const StartReport::Server& server : report.servers) {
    add_line(
        text, "server",
        fmt::format("{:<{}}  {:<{}}  weight {:<3}  {}{}", server_name(server), names, server_address(server),
                    addresses, server.weight, server.health, server.backup ? ", backup" : ""));
  }
}

}  // namespace

void start_report_fill(StartReport& report, const config::Model& model,
                       const std::vector<ListenSocket>& sockets,
                       const std::vector<std::vector<io::SocketAddress>>& server_addresses) {
  for (const ListenSocket& socket : sockets) {
    const config::Frontend& frontend = model.frontends[socket.frontend];
    const config::Backend& backend = model.backends[frontend.default_backend];
    report.listeners.push_back({frontend.name, socket.address, backend.name,
                                std::string(balance::registry()[backend.balance.algorithm].name)});
  }
  for (std::size_t b = 0; b < model.backends.size(); ++b) {
    const config::Backend& backend = model.backends[b];
    for (std::size_t s = 0; s < backend.servers.size(); ++s) {
      const config::Server& server = backend.servers[s];
      const bool named = server.address.kind == config::Address::Kind::host;
      report.servers.push_back(
          {.backend = backend.name,
           .name = server.name,
           .address = server.address.text,
           .resolved = named ? base::endpoint_text(server_addresses[b][s].endpoint()) : "",
           .health = server_health(server, backend),
           .weight = server.weight,
           .backup = server.backup});
    }
  }
  for (const config::Address& address : model.global.admin.bind) report.admin.push_back(address.text);
  for (const config::LogTarget& log : model.global.log) report.logs.push_back(log.text);
  for (const config::Frontend& frontend : model.frontends) {
    for (const config::LogTarget& log : frontend.log)
      report.logs.push_back(fmt::format("{}, of frontend {}", log.text, frontend.name));
  }
}

std::string start_report_text(const StartReport& report) {
  std::string text = fmt::format("corelane {} on Linux {}\n", report.version, report.kernel);
  add_line(text, "io_uring", report.io_uring);
  add_line(text, "lanes", lanes_text(report));
  add_line(text, "connections", connections_text(report.descriptors));
  if (report.descriptors.pipes_per_lane < report.pipes_wanted) {
    add_line(text, "pipes",
             fmt::format("{} per lane instead of {}: no descriptors left for more",
                         report.descriptors.pipes_per_lane, report.pipes_wanted));
  }
  add_listeners(text, report);
  add_servers(text, report);
  for (const std::string& admin : report.admin) add_line(text, "admin", admin);
  for (const std::string& log : report.logs) add_line(text, "log", log);
  return text;
}

std::string start_report_json(const StartReport& report) {
  using nlohmann::ordered_json;
  ordered_json listeners = ordered_json::array();
  for (const StartReport::Listener& listener : report.listeners) {
    listeners.push_back({{"frontend", listener.frontend},
                         {"address", listener.address},
                         {"backend", listener.backend},
                         {"balance", listener.balance}});
  }
  ordered_json servers = ordered_json::array();
  for (const StartReport::Server& server : report.servers) {
    ordered_json entry{{"backend", server.backend}, {"name", server.name},     {"address", server.address},
                       {"health", server.health},   {"weight", server.weight}, {"backup", server.backup}};
    if (!server.resolved.empty()) entry["resolved"] = server.resolved;
    servers.push_back(std::move(entry));
  }
  const ordered_json json{{"event", "start"},
                          {"version", report.version},
                          {"kernel", report.kernel},
                          {"io_uring", report.io_uring},
                          {"lanes", report.lanes},
                          {"cpus", report.cpus},
                          {"max_connections", report.descriptors.connections},
                          {"max_connections_derived", report.descriptors.derived},
                          {"descriptors", report.descriptors.limit},
                          {"pipes_per_lane", report.descriptors.pipes_per_lane},
                          {"listeners", std::move(listeners)},
                          {"servers", std::move(servers)},
                          {"admin", report.admin},
                          {"log", report.logs}};
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace corelane::runtime
