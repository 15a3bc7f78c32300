// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/cross_checks.hpp"
#include "config/frontend_logs.hpp"

namespace corelane::config {
namespace {

std::string_view mode_word(Mode mode) {
  return mode_words()[static_cast<std::size_t>(mode)];
}

void refuse_key(Report& report, const Node& node, const std::string& path, std::string_view key,
                std::string message) {
  const Node* child = node.find(key);
  if (child != nullptr) report.error(child->key_position, path_key(path, key), std::move(message));
}

// --- frontends

void check_backend_mode(const Frontend& frontend, const Backend& backend, const std::string& frontend_path,
                        const Node& reference, const std::string& path, Report& report) {
  if (backend.mode == frontend.mode) return;
  report.error(reference.position, path,
               fmt::format("{} has mode {}, {} has mode {}", frontend_path, mode_word(frontend.mode),
                           path_key("backends", backend.name), mode_word(backend.mode)));
}

void check_backend_modes(const Frontend& frontend, const Document& document, const Node& node,
                         const std::string& path, Report& report) {
  check_backend_mode(frontend, document.backends[frontend.default_backend], path,
                     *node.find("default_backend"), path_key(path, "default_backend"), report);
  for (std::size_t i = 0; i < frontend.use_backend.size(); ++i) {
    if (frontend.use_backend[i].backend == no_index) continue;
    const Node& rule = node.find("use_backend")->children[i];
    const std::string place = path_key(path_index(path_key(path, "use_backend"), i), "backend");
    check_backend_mode(frontend, document.backends[frontend.use_backend[i].backend], path,
                       *rule.find("backend"), place, report);
  }
}

void check_capture(const Frontend& frontend, const Node& node, const std::string& path, Report& report) {
  if (frontend.log_format != log_format_tcp || frontend.http.capture == Capture{}) return;
  refuse_key(report, node, path, "capture", "has no effect where log_format is tcp");
}

// --- backends

/// Two servers with the same cookie would share their clients.
void check_cookie_values(const BackendDraft& backend, const Node& servers, const std::string& path,
                         Report& report) {
  std::map<std::string_view, std::string> seen;
  for (std::size_t s = 0; s < backend.servers.size(); ++s) {
    const std::string& cookie = backend.servers[s].cookie;
    if (cookie.empty()) continue;
    const Position position = servers.children[s].find("cookie")->position;
    const std::string place = path_key(path_index(path, s), "cookie");
    const auto [first, fresh] = seen.try_emplace(cookie, place);
    if (!fresh)
      report.error(position, place, fmt::format("the cookie {} stands at {} already", cookie, first->second));
    if (!backend.http.cookie) report.error(position, place, "has no effect unless the backend has a cookie");
  }
}

void check_cookie(const BackendDraft& backend, const Node& node, const std::string& path, Report& report) {
  if (!backend.http.cookie) return;
  const Cookie& cookie = *backend.http.cookie;
  const Node& object = *node.find("cookie");
  const std::string place = path_key(path, "cookie");
  const bool any = std::any_of(backend.servers.begin(), backend.servers.end(),
                               [](const Server& server) { return !server.cookie.empty(); });
  if (cookie.dynamic && cookie.dynamic_key.empty()) {
    report.error(object.find("dynamic")->position, path_key(place, "dynamic"),
                 "the key \"dynamic_key\" is missing beside it");
  } else if (!any && !cookie.dynamic) {
    report.error(object.position, place, "has no effect unless a server has a cookie, or dynamic is true");
  }
}

void check_http_backend(const BackendDraft& backend, const Node& node, const std::string& path,
                        Report& report) {
  check_cookie_values(backend, *node.find("servers"), path_key(path, "servers"), report);
  check_cookie(backend, node, path, report);
}

// --- the whole file

bool any_http(const Document& document) {
  const auto is_http = [](const auto& proxy) { return proxy.mode == Mode::http; };
  return std::any_of(document.frontends.begin(), document.frontends.end(), is_http) ||
         std::any_of(document.backends.begin(), document.backends.end(), is_http);
}

bool needs_http(std::string_view key) {
  for (const Section* section : {&frontend_section, &backend_section}) {
    for (const Field& field : section->fields) {
      if (field.key == key) return field.condition.requirement.starts_with("the mode is http");
    }
  }
  return false;
}

void check_unused_defaults(const Document& document, const Node& root, Report& report) {
  const Node* defaults = root.find("defaults");
  if (defaults == nullptr || any_http(document)) return;
  const std::string message = "has no effect: no frontend and no backend has mode http";
  for (const Node& child : defaults->children) {
    if (needs_http(child.key)) report.error(child.key_position, path_key("defaults", child.key), message);
    if (child.key == "log_format" && is_http_log_format(document.defaults.log_format))
      report.error(child.position, path_key("defaults", child.key), message);
  }
  if (const Node* time_outs = defaults->find("timeouts")) {
    for (const std::string_view key : {"http_request", "http_keep_alive", "tarpit", "tunnel"})
      refuse_key(report, *time_outs, "defaults.timeouts", key, message);
  }
}

void check_limits(const HttpLimits& limits, const Node& root, Report& report) {
  if (limits.uri_bytes <= limits.head_bytes) return;
  const Node& http = *root.find("global")->find("tune")->find("http");
  const std::string_view key = http.find("uri_bytes") != nullptr ? "uri_bytes" : "head_bytes";
  report.error(http.find(key)->position, path_key("global.tune.http", key),
               "uri_bytes is more than head_bytes, of which it is a part");
}

}  // namespace

void check_http(const Document& document, const Node& root, Report& report) {
  check_limits(document.global.tune.http, root, report);
  check_unused_defaults(document, root, report);
  const Node& frontends = *root.find("frontends");
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const std::string path = path_key("frontends", document.frontends[f].name);
    check_backend_modes(document.frontends[f], document, frontends.children[f], path, report);
    check_capture(document.frontends[f], frontends.children[f], path, report);
  }
  const Node& backends = *root.find("backends");
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    check_http_backend(document.backends[b], backends.children[b],
                       path_key("backends", document.backends[b].name), report);
  }
}

void warn_of_unused_errors(const Document& document, const Node& root, Report& report) {
  for (std::size_t i = 0; i < document.errors.size(); ++i) {
    const auto refers = [i](const auto& proxy) {
      return proxy.http.errors == i ||
             std::any_of(proxy.rules.lists.begin(), proxy.rules.lists.end(), [i](const auto& list) {
               return std::any_of(list.begin(), list.end(),
                                  [i](const Rule& rule) { return rule.errors == i; });
             });
    };
    if (std::any_of(document.frontends.begin(), document.frontends.end(), refers) ||
        std::any_of(document.backends.begin(), document.backends.end(), refers)) {
      continue;
    }
    report.warning(root.find("errors")->children[i].key_position, path_key("errors", document.errors[i].name),
                   "no frontend, no backend and no rule uses this group");
  }
}

}  // namespace corelane::config
