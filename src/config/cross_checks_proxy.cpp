// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/cross_checks.hpp"

namespace corelane::config {
namespace {

bool accepts_proxy(const Frontend& frontend) {
  return std::any_of(frontend.bind.begin(), frontend.bind.end(),
                     [](const Bind& bind) { return bind.accept_proxy.enabled; }) ||
         std::any_of(frontend.rules[rules::RuleList::tcp_request_connection].begin(),
                     frontend.rules[rules::RuleList::tcp_request_connection].end(),
                     [](const Rule& rule) { return rule.action == rules::Action::expect_proxy; });
}

void check_binds(const Frontend& frontend, const Node& node, const std::string& path, Report& report) {
  const Node& binds = *node.find("bind");
  for (std::size_t i = 0; i < frontend.bind.size(); ++i) {
    const Bind& bind = frontend.bind[i];
    if (bind.address.kind != Address::Kind::unix_path || bind.accept_proxy.from.empty()) continue;
    report.error(binds.children[i].find("accept_proxy")->position,
                 path_key(path_index(path_key(path, "bind"), i), "accept_proxy"),
                 "who connects to a UNIX socket comes from no network; true is for everybody");
  }
}

void check_time_out(Frontend& frontend, const Node& node, const std::string& path, Report& report) {
  const auto has_tls = [](const Bind& bind) { return bind.tls.has_value(); };
  if (accepts_proxy(frontend) || std::ranges::any_of(frontend.bind, has_tls)) return;
  frontend.timeouts.client_hs_ms = unused_time_out_ms;
  const Node* time_outs = node.find("timeouts");
  const Node* own = time_outs == nullptr ? nullptr : time_outs->find("client_hs");
  if (own == nullptr) return;
  report.error(own->key_position, path_key(path_key(path, "timeouts"), "client_hs"),
               "has no effect unless a bind has accept_proxy or tls");
}

/// What frontends of a backend can tell its servers, without a header that says it.
struct Known {
  bool names = false;  // requests or connections have unique ids
  bool tls = false;
};

bool is_told(ProxyOption option, const Known& known) {
  switch (option) {
    case ProxyOption::crc32c:
      return true;
    case ProxyOption::unique_id:
      return known.names;
    default:
      return known.tls;
  }
}

/// The option that tells something, where nothing is known and nothing can have come.
void check_options(const SendProxy& send_proxy, const Node* node, const std::string& path, const Known& known,
                   Report& report) {
  const Node* options = node == nullptr ? nullptr : node->find("options");
  if (options == nullptr) return;
  for (std::size_t i = 0; i < send_proxy.options.size(); ++i) {
    if (is_told(send_proxy.options[i], known)) continue;
    const bool is_id = send_proxy.options[i] == ProxyOption::unique_id;
    report.error(options->children[i].position, path_index(path_key(path, "options"), i),
                 fmt::format("{} has nothing to send: {}, and none takes it from a header with accept_proxy",
                             options->children[i].text,
                             is_id ? "no frontend of this backend has a unique_id_format"
                                   : "no bind of this backend's frontends has tls"));
  }
}

void check_backend(const BackendDraft& backend, const Node& node, const std::string& path, const Known& known,
                   Report& report) {
  const auto check_one = [&](const SendProxy& send_proxy, const Node& owner, const std::string& owner_path) {
    check_options(send_proxy, owner.find("send_proxy"), path_key(owner_path, "send_proxy"), known, report);
  };
  if (const Node* defaults = node.find("default_server")) {
    check_one(backend.server_defaults.send_proxy, *defaults, path_key(path, "default_server"));
  }
  const Node& servers = *node.find("servers");
  for (std::size_t i = 0; i < backend.servers.size(); ++i) {
    check_one(backend.servers[i].send_proxy, servers.children[i], path_index(path_key(path, "servers"), i));
  }
}

}  // namespace

void check_proxy_headers(Document& document, const Node& root, Report& report) {
  const Node& frontends = *root.find("frontends");
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    Frontend& frontend = document.frontends[f];
    const std::string path = path_key("frontends", frontend.name);
    check_binds(frontend, frontends.children[f], path, report);
    check_time_out(frontend, frontends.children[f], path, report);
  }
  const Node& backends = *root.find("backends");
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    const auto brings_headers = [b](const Frontend& frontend) {
      return frontend.leads_to(static_cast<std::uint32_t>(b)) && accepts_proxy(frontend);
    };
    if (std::any_of(document.frontends.begin(), document.frontends.end(), brings_headers)) continue;
    const BackendDraft& backend = document.backends[b];
    Known known;
    for (const Frontend& frontend : document.frontends) {
      if (!frontend.leads_to(static_cast<std::uint32_t>(b))) continue;
      known.names |= !frontend.unique_id_format.empty();
      known.tls |= std::ranges::any_of(frontend.bind, [](const Bind& bind) { return bind.tls.has_value(); });
    }
    check_backend(backend, backends.children[b], path_key("backends", backend.name), known, report);
  }
}

}  // namespace corelane::config
