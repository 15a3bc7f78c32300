// SPDX-License-Identifier: Apache-2.0
#include "config/cross_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "balance/balancer.hpp"

namespace corelane::config {
namespace {

/// The value of an object's key, or of what is wrong with the file an empty one.
const Node& child_of(const Node& node, std::string_view key) {
  static const Node none;
  const Node* child = node.find(key);
  return child == nullptr ? none : *child;
}

/// Values that must differ from each other, with where each was seen first.
class UniqueValues {
 public:
  UniqueValues(Report& report, std::string_view what) : report_(report), what_(what) {}

  void add(const std::string& value, const Node& node, const std::string& path) {
    const auto [first, fresh] = seen_.try_emplace(value, path);
    if (fresh) return;
    report_.error(node.position, path,
                  fmt::format("{} {} stands at {} already", what_, value, first->second));
  }

 private:
  Report& report_;
  std::string_view what_;
  std::map<std::string, std::string> seen_;
};

/// Two spellings of one listening socket are the same text. Empty when the address was faulty.
std::string socket_text(const Address& address) {
  switch (address.kind) {
    case Address::Kind::ip:
      return address.endpoint.family == base::Family::none ? "" : base::endpoint_text(address.endpoint);
    case Address::Kind::host:
      return fmt::format("{}:{}", address.host, address.endpoint.port);
    case Address::Kind::unix_path:
      return "unix:" + address.path;
    case Address::Kind::descriptor:
      return fmt::format("fd@{}", address.descriptor);
    case Address::Kind::destination:
      break;  // no bind has it
  }
  return "";
}

void check_bind_addresses(const Document& document, const Node& root, Report& report) {
  UniqueValues sockets(report, "the address");
  const auto add = [&](const Address& address, const std::string& device, const Node& node,
                       const std::string& path) {
    const std::string text = socket_text(address);
    if (!text.empty()) sockets.add(device.empty() ? text : fmt::format("{} on {}", text, device), node, path);
  };
  const Node& admin = child_of(child_of(child_of(root, "global"), "admin"), "bind");
  const std::vector<Address>& admin_bind = document.global.admin.bind;
  for (std::size_t i = 0; i < admin_bind.size(); ++i) {
    add(admin_bind[i], "", admin.children[i], path_index("global.admin.bind", i));
  }
  const Node& frontends = child_of(root, "frontends");
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const Frontend& frontend = document.frontends[f];
    const std::string path = path_key(path_key("frontends", frontend.name), "bind");
    const Node& binds = child_of(frontends.children[f], "bind");
    for (std::size_t i = 0; i < frontend.bind.size(); ++i) {
      const Bind& bind = frontend.bind[i];
      add(bind.address, bind.interface, child_of(binds.children[i], "address"),
          path_key(path_index(path, i), "address"));
    }
  }
}

void check_server_names(const BackendDraft& backend, const Node& node, const std::string& path,
                        Report& report) {
  UniqueValues names(report, "the server name");
  UniqueValues ids(report, "the id");
  const Node& servers = child_of(node, "servers");
  for (std::size_t i = 0; i < backend.servers.size(); ++i) {
    const std::string& name = backend.servers[i].name;
    if (!name.empty()) {
      names.add(name, child_of(servers.children[i], "name"),
                path_key(path_index(path + ".servers", i), "name"));
    }
    if (const Node* id = servers.children[i].find("id"); id != nullptr && backend.servers[i].id != 0)
      ids.add(fmt::to_string(backend.servers[i].id), *id, path_key(path_index(path + ".servers", i), "id"));
  }
}

// The limit that follows the load is made of three numbers. One that is faulty itself is there all the same.
void check_dynamic_limits(const BackendDraft& backend, const Node& node, const std::string& path,
                          Report& report) {
  const Node& servers = child_of(node, "servers");
  const Node* full = node.find("full_connections");
  bool dynamic = child_of(node, "default_server").find("min_connections") != nullptr;
  for (std::size_t i = 0; i < backend.servers.size(); ++i) {
    const Server& server = backend.servers[i];
    const Node* own = servers.children[i].find("min_connections");
    dynamic = dynamic || own != nullptr;
    if (server.min_connections == 0 || server.max_connections == 0) continue;
    const std::string key = path_key(path_index(path + ".servers", i), "min_connections");
    const Position position = own != nullptr ? own->position : servers.children[i].position;
    if (server.min_connections > server.max_connections) {
      report.error(position, key, "is more than max_connections");
    } else if (full == nullptr) {
      report.error(position, key, "has no effect unless the backend has full_connections");
    }
  }
  if (!dynamic && full != nullptr && backend.full_connections != 0) {
    report.error(full->position, path_key(path, "full_connections"),
                 "has no effect unless a server has min_connections");
  }
}

/// Neither a weight that no pick asks for nor a missing limit can grow.
void check_slow_starts(const BackendDraft& backend, const Node& node, const std::string& path,
                       Report& report) {
  const balance::Algorithm& algorithm = balance::registry()[backend.balance.algorithm];
  const bool weights_grow = !balance::keeps_map(algorithm, {.hash = backend.hash}) &&
                            backend.balance.algorithm != balance::find("first");
  if (weights_grow) return;
  const Node& servers = child_of(node, "servers");
  for (std::size_t i = 0; i < backend.servers.size(); ++i) {
    const Server& server = backend.servers[i];
    if (server.slow_start_ms == 0 || server.max_connections != 0) continue;
    const Node* own = servers.children[i].find("slow_start");
    report.error(own != nullptr ? own->key_position : servers.children[i].position,
                 path_key(path_index(path + ".servers", i), "slow_start"),
                 fmt::format("has no effect: the weights of balance {} do not grow, and the server has no "
                             "max_connections",
                             algorithm.name));
  }
}

/// Algorithms that keep a table for each lane refuse weights that would make it huge.
void check_table_weight(const BackendDraft& backend, const Node& node, const std::string& path,
                        Report& report) {
  const balance::Algorithm& algorithm = balance::registry()[backend.balance.algorithm];
  if (!algorithm.keeps_table) return;
  std::uint64_t total = 0;
  std::uint32_t divisor = 0;
  for (const Server& server : backend.servers) {
    total += server.weight;
    divisor = std::gcd(divisor, server.weight);
  }
  const bool on_ring = !balance::keeps_map(algorithm, {.hash = backend.hash});
  if (!on_ring && divisor != 0) total /= divisor;
  if (total <= balance::table_weight_max) return;
  const Node& servers = child_of(node, "servers");
  report.error(servers.key_position, path + ".servers",
               fmt::format("the weights add up to {}{}; balance {} takes at most {}", total,
                           on_ring ? "" : ", divided by what they have in common", algorithm.name,
                           balance::table_weight_max));
}

// --- warnings, for configurations without an error only: a fault elsewhere may be what makes them look odd

void warn_unused(const Document& document, std::size_t position, const Node& node, const std::string& path,
                 Report& report) {
  const bool used =
      std::any_of(document.frontends.begin(), document.frontends.end(), [position](const Frontend& frontend) {
        return frontend.leads_to(static_cast<std::uint32_t>(position));
      });
  // One may be there for its stick table alone.
  if (!used && !document.backends[position].stick_table)
    report.warning(node.key_position, path, "no frontend uses this backend");
}

void warn_odd_servers(const BackendDraft& backend, const Node& node, const std::string& path,
                      Report& report) {
  const auto none = [&backend](auto holds) {
    return std::none_of(backend.servers.begin(), backend.servers.end(), holds);
  };
  const Node& servers = child_of(node, "servers");
  if (none([](const Server& server) { return server.weight > 0; })) {
    report.warning(servers.key_position, path + ".servers", "no server gets connections: all weights are 0");
  }
  if (backend.balance.algorithm == balance::find("first") &&
      none([](const Server& server) { return server.max_connections > 0; })) {
    report.warning(node.key_position, path,
                   "balance first fills a server up to its max_connections, but no server has one: only the "
                   "first is used");
  }
}

}  // namespace

void check_document(Document& document, const Node& root, Report& report) {
  check_bind_addresses(document, root, report);
  const Node& backends = child_of(root, "backends");
  const auto path_of = [&document](std::size_t b) { return path_key("backends", document.backends[b].name); };
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    check_server_names(document.backends[b], backends.children[b], path_of(b), report);
    check_dynamic_limits(document.backends[b], backends.children[b], path_of(b), report);
    check_slow_starts(document.backends[b], backends.children[b], path_of(b), report);
    check_table_weight(document.backends[b], backends.children[b], path_of(b), report);
  }
  if (report.errors() > 0) return;
  check_proxy_headers(document, root, report);
  check_tls(document, root, report);
  check_health(document, root, report);
  resolve_tracks(document, root, report);
  check_transparency(document, root, report);
  check_sources(document, root, report);
  check_http(document, root, report);
  check_capture_slots(document, root, report);
  check_handshake_waits(document, root, report);
  check_logs(document, root, report);
  const UnusedAcls unused_acls = check_rules(document, root, report);
  if (report.errors() > 0) return;
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    warn_unused(document, b, backends.children[b], path_of(b), report);
    warn_odd_servers(document.backends[b], backends.children[b], path_of(b), report);
  }
  warn_of_unused_errors(document, root, report);
  warn_of_unused_acls(document, unused_acls, root, report);
}

}  // namespace corelane::config
