// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "check/registry.hpp"
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
  void refuse(std::string_view key, const std::string& text) const { refuse({key}, text); }
  /// The same of a key within others.
  void refuse(std::initializer_list<std::string_view> keys, const std::string& text) const {
    const Node* at = &node;
    std::string full = path;
    for (const std::string_view key : keys) {
      const Node* const own = at->find(key);
      if (own != nullptr) at = own;
      full = path_key(full, key);
    }
    report.error(at->position, full, text);
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

/// Servers and HTTP checks are spoken to in HTTP/1.1: one that chooses h2 would not understand a word.
void check_alpn(const Place& place, const Backend& backend) {
  const auto offers_h2 = [](const TlsHandshake& tls) {
    return std::ranges::find(tls.alpn, "h2") != tls.alpn.end();
  };
  const Server& server = place.server;
  const bool server_offers = server.tls && offers_h2(*server.tls);
  if (server_offers && backend.mode == Mode::http) {
    place.refuse({"tls", "alpn"},
                 "\"h2\" is HTTP/2: servers of mode http are spoken to in HTTP/1.1; leave it out, or offer "
                 "\"http/1.1\" alone");
    return;
  }
  const bool checked = server.check.enabled && backend.check.type != no_check;
  if (!checked || !check::speaks_http(check::registry()[backend.check.type - 1])) return;
  const std::optional<CheckTls> tls = server.check_tls();
  if (!tls || !offers_h2(*tls)) return;
  if (server.check.tls) {
    place.refuse({"check", "tls", "alpn"},
                 "\"h2\" is HTTP/2: this check speaks HTTP/1.1; leave it out, or offer \"http/1.1\" alone");
  } else {
    place.refuse({"tls", "alpn"},
                 "\"h2\" is HTTP/2: the server's check speaks HTTP/1.1 and offers what tls does, unless "
                 "check.tls says otherwise");
  }
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
      check_alpn(place, document.backends[b]);
      check_agent(place);
    }
  }
}

}  // namespace corelane::config
