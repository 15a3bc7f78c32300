// SPDX-License-Identifier: Apache-2.0
// Servers that are reached from the client's address, or at the address that the client asked for.
#include <fmt/format.h>

#include <algorithm>

#include "config/cross_checks.hpp"

namespace corelane::config {
namespace {

/// Whether clients of this bind have addresses that a server may be told of.
bool clients_have_addresses(const Bind& bind) {
  return bind.address.kind != Address::Kind::unix_path || bind.accept_proxy.enabled;
}

/// The only family that the bind's clients can have; none: either, or nothing is known.
base::Family client_family(const Bind& bind) {
  if (bind.address.kind != Address::Kind::ip || bind.accept_proxy.enabled) return base::Family::none;
  const base::Endpoint endpoint = base::endpoint_unmapped(bind.address.endpoint);
  const bool any = endpoint.family == base::Family::ipv6 && endpoint.ip == base::Endpoint{}.ip;
  return any && !bind.ipv6_only ? base::Family::none : endpoint.family;
}

/// What is wrong with connecting from the client's address; empty: nothing.
std::string source_fault(const Server& server, const Bind& bind) {
  const TransparentSource source = server.source.transparent;
  if (source == TransparentSource::none || source == TransparentSource::expression) return {};
  if (!clients_have_addresses(bind))
    return fmt::format("clients of {} have no address to connect from", bind.address.text);
  const base::Family client = client_family(bind);
  if (client == base::Family::none || server.address.kind != Address::Kind::ip ||
      server.address.endpoint.family == client) {
    return {};
  }
  const std::string_view word = client == base::Family::ipv4 ? "IPv4" : "IPv6";
  return fmt::format("cannot be reached from the address of a client of {}, which is {}", bind.address.text,
                     word);
}

/// What is wrong with connecting to where the client wanted to go; empty: nothing. Whether packet rules bring
/// clients here who asked for somebody else, nothing in the file says.
std::string destination_fault(const Server& server, const Bind& bind) {
  if (server.address.kind != Address::Kind::destination || clients_have_addresses(bind)) return {};
  return fmt::format("clients of {} want to go nowhere else", bind.address.text);
}

void check_server(const Server& server, const Frontend& frontend, const Position& position,
                  const std::string& path, Report& report) {
  for (std::size_t i = 0; i < frontend.bind.size(); ++i) {
    std::string fault = source_fault(server, frontend.bind[i]);
    if (fault.empty()) fault = destination_fault(server, frontend.bind[i]);
    if (fault.empty()) continue;
    const std::string bind = path_index(path_key(path_key("frontends", frontend.name), "bind"), i);
    report.error(position, path, fmt::format("{} ({})", fault, bind));
    return;
  }
}

}  // namespace

void check_transparency(const Document& document, const Node& root, Report& report) {
  const Node& backends = *root.find("backends");
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    const BackendDraft& backend = document.backends[b];
    const std::string path = path_key(path_key("backends", backend.name), "servers");
    const Node& servers = *backends.children[b].find("servers");
    for (std::size_t s = 0; s < backend.servers.size(); ++s) {
      const Node& address = *servers.children[s].find("address");
      for (const Frontend& frontend : document.frontends) {
        if (!frontend.leads_to(static_cast<std::uint32_t>(b))) continue;
        check_server(backend.servers[s], frontend, address.position, path_key(path_index(path, s), "address"),
                     report);
      }
    }
  }
}

}  // namespace corelane::config
