// SPDX-License-Identifier: Apache-2.0
#include "runtime/source_addresses.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string>

#include "io/socket_options.hpp"
#include "proxy/topology.hpp"
#include "runtime/option_permission.hpp"

namespace corelane::runtime {

namespace {

std::string bind_failure_text(const std::string& place, const config::SourceAddress& address, int error) {
  std::string hint;
  if (error == EADDRNOTAVAIL) {
    hint = "; no interface of this machine has it; to see those it has: ip address";
  } else if (error == EACCES) {
    hint = fmt::format(
        "; ports below 1024 take CAP_NET_BIND_SERVICE: AmbientCapabilities=CAP_NET_BIND_SERVICE in the "
        "service "
        "unit, or sysctl -w net.ipv4.ip_unprivileged_port_start={}",
        address.port_first);
  }
  return fmt::format("{}: cannot connect from {}: {}{}", place, address.text, std::strerror(error), hint);
}

/// Whether this process may make sockets as the source asks for them.
std::optional<Failure> check_options(const std::string& place, const config::Source& source,
                                     base::Family family) {
  const io::SocketOptions options = proxy::socket_options_of(source);
  if (!options.any()) return std::nullopt;
  if (family == base::Family::none) family = base::Family::ipv4;  // the client's destination: either
  const io::Descriptor socket = io::socket_open_stream(family, {});
  io::SocketOptionFailure refused{.error_number = -socket};
  if (socket >= 0) {
    refused = io::socket_set_options(socket, family, options);
    ::close(socket);
  }
  if (refused.error_number == 0) return std::nullopt;
  std::string hint;
  if (refused.error_number == EPERM) hint = option_permission_hint(refused.option);
  if (refused.error_number == ENODEV)
    hint = fmt::format("; there is no interface \"{}\"; to see them: ip link", source.interface);
  return Failure{ExitStatus::resources, fmt::format("{}.{}: {}{}", place, option_name(refused.option),
                                                    std::strerror(refused.error_number), hint)};
}

/// 0, or why nothing can be bound to the address. That somebody has just this port proves that one can.
int try_bind(const config::SourceAddress& address) {
  base::Endpoint endpoint = address.endpoint;
  endpoint.port = address.port_first;
  const io::Descriptor socket = io::socket_open_stream(endpoint.family, {});
  if (socket < 0) return -socket;
  const int result = io::socket_bind_source(socket, io::SocketAddress::from_endpoint(endpoint));
  ::close(socket);
  return result == -EADDRINUSE ? 0 : -result;
}

std::optional<Failure> check_one(const std::string& place, const config::SourceAddress& address,
                                 const io::SocketAddress& server, std::uint32_t lanes) {
  if (address.endpoint.family != server.family()) {
    return Failure{ExitStatus::configuration,
                   fmt::format("{}: {} cannot reach the server, whose name stands for {}", place,
                               address.text, base::endpoint_text(server.endpoint()))};
  }
  if (address.has_ports() && address.port_count() < lanes) {
    return Failure{ExitStatus::configuration,
                   fmt::format("{}: {} has {} ports for {} lanes, and each lane needs ports of its own; make "
                               "the range larger or set \"reactors\": {} in global",
                               place, address.text, address.port_count(), lanes, address.port_count())};
  }
  if (const int error = try_bind(address))
    return Failure{ExitStatus::resources, bind_failure_text(place, address, error)};
  return std::nullopt;
}

}  // namespace

std::optional<Failure> check_source_addresses(const config::Model& model,
                                              const std::vector<std::vector<io::SocketAddress>>& servers,
                                              const control::CheckAddresses& checks, std::uint32_t lanes) {
  std::set<std::pair<std::string, base::Family>> sound;
  for (std::uint32_t b = 0; b < model.backends.size(); ++b) {
    const config::Backend& backend = model.backends[b];
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      const config::Server& server = backend.servers[s];
      const std::string place = fmt::format("backends.{}.servers.{}.source", backend.name, server.name);
      if (auto failure = check_options(place, server.source, servers[b][s].family())) return failure;
      const auto check_new = [&](const config::SourceAddress& source, const io::SocketAddress& destination,
                                 const std::string& key) -> std::optional<Failure> {
        if (!sound.emplace(source.text, destination.family()).second) return std::nullopt;
        return check_one(fmt::format("backends.{}.servers.{}.{}", backend.name, server.name, key), source,
                         destination, lanes);
      };
      const auto own = checks.checks.find({b, s});
      const io::SocketAddress& checked = own != checks.checks.end() ? own->second : servers[b][s];
      if (!server.check.source.text.empty()) {
        if (auto failure = check_new(server.check.source, checked, "check.source")) return failure;
      }
      for (std::size_t a = 0; a < server.source.addresses.size(); ++a) {
        const std::string key = fmt::format("source.addresses[{}]", a);
        if (auto failure = check_new(server.source.addresses[a], servers[b][s], key)) return failure;
      }
    }
  }
  return std::nullopt;
}

}  // namespace corelane::runtime
