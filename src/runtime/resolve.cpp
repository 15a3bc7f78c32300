// SPDX-License-Identifier: Apache-2.0
#include "runtime/resolve.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace corelane::runtime {

namespace {

std::optional<base::Endpoint> endpoint_of(const addrinfo& info) {
  if (info.ai_family != AF_INET && info.ai_family != AF_INET6) return std::nullopt;
  return io::SocketAddress::from_kernel(info.ai_addr, info.ai_addrlen).endpoint();
}

}  // namespace

std::optional<Failure> Resolver::look_up(const config::Address& address, const std::string& place,
                                         std::vector<base::Endpoint>& endpoints) {
  const auto known = names_.find(address.host);
  if (known != names_.end()) {
    endpoints = known->second;
    return std::nullopt;
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(address.host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (result != 0) {
    const char* reason = result == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(result);
    return Failure{
        ExitStatus::configuration,
        fmt::format("{}: cannot resolve the host name \"{}\" of \"{}\": {}; to ask the resolver yourself: "
                    "getent ahosts {}",
                    place, address.host, address.text, reason, address.host)};
  }
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    const std::optional<base::Endpoint> endpoint = endpoint_of(*info);
    if (endpoint && std::find(endpoints.begin(), endpoints.end(), *endpoint) == endpoints.end()) {
      endpoints.push_back(*endpoint);
    }
  }
  if (endpoints.empty()) {
    return Failure{
        ExitStatus::configuration,
        fmt::format("{}: the host name \"{}\" has neither an IPv4 nor an IPv6 address", place, address.host)};
  }
  names_.emplace(address.host, endpoints);
  return std::nullopt;
}

std::optional<Failure> Resolver::resolve(const config::Address& address, const std::string& place,
                                         std::vector<io::SocketAddress>& resolved) {
  resolved.clear();
  if (address.kind == config::Address::Kind::destination) {
    resolved.emplace_back();
    return std::nullopt;
  }
  if (address.kind == config::Address::Kind::ip) {
    resolved.push_back(io::SocketAddress::from_endpoint(address.endpoint));
    return std::nullopt;
  }
  if (address.kind == config::Address::Kind::unix_path) {
    resolved.push_back(io::SocketAddress::from_unix_path(address.path));
    if (resolved.back().size() != 0) return std::nullopt;
    return Failure{ExitStatus::configuration,
                   fmt::format("{}: the path of \"{}\" is too long for a UNIX socket (at most 107 bytes)",
                               place, address.text)};
  }
  std::vector<base::Endpoint> endpoints;
  if (std::optional<Failure> failure = look_up(address, place, endpoints)) return failure;
  for (base::Endpoint& endpoint : endpoints) {
    endpoint.port = address.endpoint.port;
    resolved.push_back(io::SocketAddress::from_endpoint(endpoint));
  }
  return std::nullopt;
}

std::optional<Failure> Resolver::resolve_servers(const config::Model& model,
                                                 std::vector<std::vector<io::SocketAddress>>& servers) {
  servers.clear();
  std::vector<io::SocketAddress> resolved;
  for (const config::Backend& backend : model.backends) {
    servers.emplace_back();
    for (const config::Server& server : backend.servers) {
      const std::string place = fmt::format("backends.{}.servers.{}.address", backend.name, server.name);
      if (std::optional<Failure> failure = resolve(server.address, place, resolved)) return failure;
      servers.back().push_back(resolved.front());
    }
  }
  return std::nullopt;
}

std::optional<Failure> Resolver::resolve_checks(const config::Model& model,
                                                control::CheckAddresses& addresses) {
  std::vector<io::SocketAddress> resolved;
  for (std::uint32_t b = 0; b < model.backends.size(); ++b) {
    const config::Backend& backend = model.backends[b];
    for (std::uint32_t s = 0; s < backend.servers.size(); ++s) {
      const config::Server& server = backend.servers[s];
      const auto resolve_own = [&](const config::Address& address, std::string_view key,
                                   control::OwnAddresses& own) -> std::optional<Failure> {
        if (address.text.empty()) return std::nullopt;
        const std::string place =
            fmt::format("backends.{}.servers.{}.{}.address", backend.name, server.name, key);
        if (std::optional<Failure> failure = resolve(address, place, resolved)) return failure;
        own.emplace(std::pair(b, s), resolved.front());
        return std::nullopt;
      };
      if (auto failure = resolve_own(server.check.address, "check", addresses.checks)) return failure;
      if (auto failure = resolve_own(server.agent_check.address, "agent_check", addresses.agents))
        return failure;
    }
  }
  return std::nullopt;
}

}  // namespace corelane::runtime
