// SPDX-License-Identifier: Apache-2.0
#include "control/server_admin.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/near_miss.hpp"
#include "control/stats_tree.hpp"

namespace corelane::control {

namespace {

constexpr std::uint32_t not_found = UINT32_MAX;

template <class Named>
std::uint32_t find_named(const std::vector<Named>& list, std::string_view name) {
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return i;
  }
  return not_found;
}

template <class Named>
AdminResponse unknown_name(std::string_view what, std::string_view name, const std::vector<Named>& list) {
  std::vector<std::string_view> names;
  for (const Named& entry : list) names.push_back(entry.name);
  return admin_error(
      404, fmt::format("there is no {} \"{}\"", what, name),
      {.allowed = {names.begin(), names.end()}, .near_miss = std::string(base::near_miss(name, names))});
}

}  // namespace

ServerAdmin::ServerAdmin(proxy::Topology& topology, Transitions& transitions, Say say)
    : topology_(topology),
      transitions_(transitions),
      conditions_(transitions.conditions()),
      say_(std::move(say)) {}

const config::Backend& ServerAdmin::backend_config(Place place) const {
  return topology_.model().backends[place.backend];
}

std::string ServerAdmin::name(Place place) const {
  return fmt::format("{}/{}", backend_config(place).name, backend_config(place).servers[place.server].name);
}

AdminResponse ServerAdmin::patch(const AdminCall& call) {
  const std::vector<config::Backend>& backends = topology_.model().backends;
  const std::uint32_t backend = find_named(backends, call.names[0]);
  if (backend == not_found) return unknown_name("backend", call.names[0], backends);
  const std::vector<config::Server>& servers = backends[backend].servers;
  const std::uint32_t server = find_named(servers, call.names[1]);
  if (server == not_found) return unknown_name("server", call.names[1], servers);
  config::Report report("body");
  const ServerPatch patch = read_server_patch(call.request.content, report);
  if (report.errors() > 0) return admin_faults(report);
  return apply({backend, server}, patch);
}

AdminResponse ServerAdmin::apply(Place place, const ServerPatch& patch) {
  if (patch.address) {
    if (const auto fault = address_fault(place, *patch.address))
      return admin_error(400, "address: " + *fault);
  }
  if (patch.weight) {
    const std::uint32_t before = conditions_.condition(place.backend, place.server).weight();
    const auto fault = conditions_.set_weight(place.backend, place.server, *patch.weight);
    if (fault) return admin_error(400, "weight: " + *fault);
    if (before != *patch.weight) {
      say_(fmt::format("Server {} changed its weight from {} to {} by the administrator.", name(place),
                       before, *patch.weight));
    }
  }
  if (patch.address) set_address(place, *patch.address);
  if (patch.state) transitions_.set_admin(place.backend, place.server, *patch.state);
  nlohmann::ordered_json json = {{"backend", backend_config(place).name},
                                 {"server", backend_config(place).servers[place.server].name}};
  json.update(server_standing_tree(topology_, conditions_, place.backend, place.server));
  return {.body = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n'};
}

std::optional<std::string> ServerAdmin::address_fault(Place place, const config::Address& address) const {
  const proxy::Server& server = topology_.backends()[place.backend].servers[place.server];
  if (server.to_destination || address.kind == config::Address::Kind::destination)
    return "only the configuration says that a server is where its clients want to go";
  if (server.special && address.kind == config::Address::Kind::unix_path)
    return "the server has a source, which a UNIX socket knows nothing of";
  for (const config::SourceAddress& source : server.config->source.addresses) {
    if (source.endpoint.family != address.endpoint.family) {
      return fmt::format("nothing can come there from the server's source address {}", source.text);
    }
  }
  if (topology_.takes_address(place.backend, place.server, address.text)) return std::nullopt;
  return fmt::format("the server has had {} addresses since the start, which is the limit",
                     proxy::Topology::addresses_of_server_max);
}

void ServerAdmin::set_address(Place place, const config::Address& address) {
  const std::string before = topology_.address_text(place.backend, place.server);
  if (before == address.text) return;
  const bool ip = address.kind == config::Address::Kind::ip;
  topology_.set_address(place.backend, place.server,
                        ip ? io::SocketAddress::from_endpoint(address.endpoint)
                           : io::SocketAddress::from_unix_path(address.path),
                        address.text);
  say_(fmt::format("Server {} changed its address from {} to {} by the administrator.", name(place), before,
                   address.text));
}

}  // namespace corelane::control
