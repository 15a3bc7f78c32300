// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/cross_checks.hpp"

namespace corelane::config {
namespace {

/// One server of the document, with where it stands in the file.
struct Place {
  const Server& server;
  const Node& node;
  std::string path;
  Report& report;

  /// At the server's own key or, where the value was handed down, at the server.
  void refuse(std::string_view key, const std::string& text) const {
    const Node* own = node.find(key);
    report.error(own != nullptr ? own->position : node.position, path_key(path, key), text);
  }
};

std::string_view family_word(base::Family family) {
  return family == base::Family::ipv6 ? "IPv6" : family == base::Family::ipv4 ? "IPv4" : "a UNIX socket";
}

void check_where(const Place& place) {
  const ServerCheck& check = place.server.check;
  if (check.send_proxy == true && place.server.send_proxy.version == ProxyVersion::none)
    place.refuse("check", "send_proxy has no effect unless the server has send_proxy");
  const Address& address = check.address.text.empty() ? place.server.address : check.address;
  const bool at_unix_socket = address.kind == Address::Kind::unix_path;
  if (at_unix_socket && check.port != 0) {
    place.refuse("check", fmt::format("port has no effect: {} is a UNIX socket", address.text));
  } else if (!at_unix_socket && check.port == 0 && place.server.address.kind == Address::Kind::unix_path) {
    place.refuse("check", fmt::format("{} needs a port: the server is a UNIX socket", address.text));
  }
  if (check.source.text.empty() || address.kind == Address::Kind::host) return;
  if (check.source.endpoint.family == address.endpoint.family) return;
  place.refuse("check", fmt::format("{} is {}, which the source address {} cannot reach", address.text,
                                    family_word(address.endpoint.family), check.source.text));
}

void check_steps(const Place& place, const Check& backend_check) {
  const auto over_tls = [](const check::ScriptStep& step) {
    return step.connect && step.connect->tls == true;
  };
  if (!place.server.check.enabled || place.server.check_tls() ||
      std::ranges::none_of(backend_check.steps, over_tls))
    return;
  place.report.error(place.node.position, place.path,
                     "the backend's check connects over TLS: the server's check needs tls, which says how");
}

void check_agent(const Place& place) {
  const AgentCheck& agent = place.server.agent_check;
  if (agent.port == 0) return;
  const Address& address = agent.address.text.empty() ? place.server.address : agent.address;
  if (address.kind != Address::Kind::unix_path) return;
  place.refuse("agent_check",
               fmt::format("port has no effect: {} is a UNIX socket; agents have an address", address.text));
}

}  // namespace

void check_health(const Document& document, const Node& root, Report& report) {
  const Node& backends = *root.find("backends");
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    const Node& servers = *backends.children[b].find("servers");
    const std::string path = path_key(path_key("backends", document.backends[b].name), "servers");
    for (std::size_t s = 0; s < document.backends[b].servers.size(); ++s) {
      const Place place{document.backends[b].servers[s], servers.children[s], path_index(path, s), report};
      check_where(place);
      check_steps(place, document.backends[b].check);
      check_agent(place);
    }
  }
}

}  // namespace corelane::config
