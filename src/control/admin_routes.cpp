// SPDX-License-Identifier: Apache-2.0
#include "control/admin_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "control/dashboard.hpp"

namespace corelane::control {

namespace {

using Json = nlohmann::ordered_json;

// Names in a configuration may hold bytes that are not UTF-8; they must not break the document.
std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::optional<AdminResponse> answer_dashboard(const AdminSources&, const AdminCall&) {
  return AdminResponse{.content_type = "text/html; charset=utf-8", .body = std::string(dashboard_html())};
}

std::optional<AdminResponse> answer_stats(const AdminSources& sources, const AdminCall&) {
  return AdminResponse{.body = sources.stats()};
}

std::optional<AdminResponse> answer_configuration(const AdminSources& sources, const AdminCall&) {
  return AdminResponse{.body = sources.configuration()};
}

std::optional<AdminResponse> answer_live(const AdminSources&, const AdminCall&) {
  return AdminResponse{.body = json_text({{"live", true}})};
}

std::optional<AdminResponse> answer_ready(const AdminSources& sources, const AdminCall&) {
  const Readiness readiness = sources.readiness();
  Json json = {{"ready", readiness.ready()}, {"accepting", readiness.accepting}};
  if (!readiness.backends_unavailable.empty())
    json["backends_without_server"] = readiness.backends_unavailable;
  return AdminResponse{.status = readiness.ready() ? 200 : 503, .body = json_text(json)};
}

std::optional<AdminResponse> answer_patch_server(const AdminSources& sources, const AdminCall& call) {
  return sources.patch_server(call);
}

std::optional<AdminResponse> answer_list_sessions(const AdminSources& sources, const AdminCall& call) {
  return sources.list_sessions(call);
}

std::optional<AdminResponse> answer_end_session(const AdminSources& sources, const AdminCall& call) {
  return sources.end_session(call);
}

std::optional<AdminResponse> answer_end_sessions(const AdminSources& sources, const AdminCall& call) {
  return sources.end_sessions(call);
}

template <PatternVerb verb, bool maps>
std::optional<AdminResponse> answer_patterns(const AdminSources& sources, const AdminCall& call) {
  return sources.patterns(call, verb, maps);
}

template <TableVerb verb>
std::optional<AdminResponse> answer_tables(const AdminSources& sources, const AdminCall& call) {
  return sources.tables(call, verb);
}

template <CertificateVerb verb>
std::optional<AdminResponse> answer_certificates(const AdminSources& sources, const AdminCall& call) {
  return sources.certificates(call, verb);
}

constexpr auto routes = std::to_array<AdminRoute>({
    {"GET", "/", "the dashboard", answer_dashboard},
    {"GET", "/stats", "counters and states as a JSON tree", answer_stats},
    {"GET", "/ready", "200 when connections can be served, 503 with the reason otherwise", answer_ready},
    {"GET", "/live", "200 while the process runs", answer_live},
    {"GET", "/v1/config", "the effective configuration", answer_configuration},
    {"PATCH", "/v1/backends/{backend}/servers/{server}",
     "changes a server: {\"state\": \"ready|drain|maint\", \"weight\": 0 to 256, \"address\": \"IP:PORT\"}",
     answer_patch_server},
    {"GET", "/v1/sessions",
     "lists sessions: ?limit= (1 to 1000), after= (an id), frontend=, backend=, server=",
     answer_list_sessions},
    {"DELETE", "/v1/sessions",
     "ends every session that matches: ?frontend=, backend=, server=", answer_end_sessions},
    {"DELETE", "/v1/sessions/{id}", "ends one session", answer_end_session},
    {"GET", "/v1/tables", "lists stick tables", answer_tables<TableVerb::list>},
    {"GET", "/v1/tables/{table}",
     "a stick table's entries: ?key=, data.gpc0.gt=0 (eq, ne, gt, ge, lt, le), limit= (1 to 1000), after=",
     answer_tables<TableVerb::show>},
    {"PATCH", "/v1/tables/{table}", "sets what is kept with ?key=: {\"gpc0\": 1}",
     answer_tables<TableVerb::patch>},
    {"DELETE", "/v1/tables/{table}", "removes the entry of ?key=, those of data.gpc0.gt=0, or all",
     answer_tables<TableVerb::remove>},
    {"GET", "/v1/certificates", "the certificates of binds, servers and checks, and their other files",
     answer_certificates<CertificateVerb::list>},
    {"PUT", "/v1/certificates/{file}", "replaces what a file holds, in memory: certificate and key, CA, CRL",
     answer_certificates<CertificateVerb::put>},
    {"POST", "/v1/certificates/reload", "reads every file of TLS again",
     answer_certificates<CertificateVerb::reload>},
    {"GET", "/v1/maps", "lists maps", answer_patterns<PatternVerb::list, true>},
    {"GET", "/v1/maps/{map}",
     "a map's entries: ?limit= (1 to 1000), after=, key=; or ?match= what a text finds",
     answer_patterns<PatternVerb::show, true>},
    {"PUT", "/v1/maps/{map}", "replaces a map by the body, a key and its value a line",
     answer_patterns<PatternVerb::put, true>},
    {"PATCH", "/v1/maps/{map}", "changes entries: {\"set\": {\"KEY\": \"VALUE\"}, \"delete\": [\"KEY\"]}",
     answer_patterns<PatternVerb::patch, true>},
    {"DELETE", "/v1/maps/{map}", "removes the entries of ?key=, or all",
     answer_patterns<PatternVerb::remove, true>},
    {"GET", "/v1/acls", "lists lists of patterns", answer_patterns<PatternVerb::list, false>},
    {"GET", "/v1/acls/{list}",
     "a list's patterns: ?limit= (1 to 1000), after=, key=; or ?match= what a text finds",
     answer_patterns<PatternVerb::show, false>},
    {"PUT", "/v1/acls/{list}", "replaces a list by the body, a pattern a line",
     answer_patterns<PatternVerb::put, false>},
    {"PATCH", "/v1/acls/{list}", "changes patterns: {\"add\": [\"PATTERN\"], \"delete\": [\"PATTERN\"]}",
     answer_patterns<PatternVerb::patch, false>},
    {"DELETE", "/v1/acls/{list}", "removes the pattern of ?key=, or all",
     answer_patterns<PatternVerb::remove, false>},
});

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

bool is_known_method(std::string_view method) {
  constexpr auto known = std::to_array<std::string_view>(
      {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"});
  return std::ranges::find(known, method) != known.end();
}

AdminResponse unknown_path(std::string_view path) {
  Json json = {{"error", fmt::format("there is no {} here", path)}, {"endpoints", Json::object()}};
  for (const AdminRoute& route : routes) {
    json["endpoints"][fmt::format("{} {}", route.method, route.path)] = route.help;
  }
  return {.status = 404, .body = json_text(json)};
}

bool answers(const AdminRoute& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type == "application/json";
}

/// What is wrong with the body of a request that this route answers, if anything.
std::optional<AdminResponse> body_fault(const AdminRequest& request) {
  using Body = AdminRequest::Body;
  const bool is_text = request.method == "PUT";
  const bool wanted = is_text || request.method == "PATCH";
  if (request.body == Body::chunked) {
    return admin_error(411,
                       wanted ? "a body needs a Content-Length here" : "a request must not have a body here");
  }
  if (request.body == Body::sized) {
    return admin_error(413, is_text  ? "the body is longer than 128 MiB"
                            : wanted ? "the body is longer than 16 KiB"
                                     : "a request must not have a body here");
  }
  if (wanted && !is_text && !is_json(request.content_type)) {
    return admin_error(415, "the body's Content-Type must be application/json");
  }
  return std::nullopt;
}

std::optional<AdminResponse> answer_target(const AdminRequest& request, const AdminSources& sources,
                                           const AdminReply& later) {
  if (!is_known_method(request.method)) return admin_error(501, "this method is not known");
  const std::optional<AdminTarget> target = read_admin_target(request.target);
  if (!target) return admin_error(400, "the target has a % that is not followed by two hexadecimal digits");
  AdminCall call{request, *target, later, {}};
  std::string allow;
  for (const AdminRoute& route : routes) {
    if (!matches_admin_path(route.path, target->segments, call.names)) continue;
    if (answers(route, request.method)) {
      const std::optional<AdminResponse> fault = body_fault(request);
      return fault ? fault : route.answer(sources, call);
    }
    allow +=
        fmt::format("{}{}", allow.empty() ? "" : ", ", route.method == "GET" ? "GET, HEAD" : route.method);
  }
  if (allow.empty()) return unknown_path(request.target.substr(0, request.target.find('?')));
  AdminResponse response = admin_error(405, fmt::format("only {} is answered here", allow));
  response.allow = allow;
  return response;
}

}  // namespace

std::span<const AdminRoute> admin_routes() {
  return routes;
}

AdminResponse admin_error(int status, std::string_view text, const config::Hint& hint) {
  Json json = {{"error", text}};
  if (!hint.allowed.empty()) json["allowed"] = hint.allowed;
  if (!hint.near_miss.empty()) json["did_you_mean"] = hint.near_miss;
  return {.status = status, .body = json_text(json)};
}

AdminResponse admin_faults(config::Report& report) {
  Json faults = Json::array();
  std::string text;
  for (const config::Diagnostic& diagnostic : report.take()) {
    Json& fault = faults.emplace_back();
    fault["path"] = diagnostic.json_path;
    fault["line"] = diagnostic.position.line;
    fault["column"] = diagnostic.position.column;
    fault["message"] = diagnostic.message;
    if (!diagnostic.allowed.empty()) fault["allowed"] = diagnostic.allowed;
    if (!diagnostic.near_miss.empty()) fault["did_you_mean"] = diagnostic.near_miss;
    if (text.empty()) text = config::diagnostic_text(diagnostic);
  }
  return {.status = 400, .body = json_text({{"error", text}, {"faults", faults}})};
}

AdminResponse admin_fatal_error(int status, std::string_view text) {
  AdminResponse response = admin_error(status, text);
  response.keep_alive = false;
  return response;
}

std::optional<AdminResponse> admin_answer(const AdminRequest& request, const AdminSources& sources,
                                          const AdminReply& later) {
  // A body that was announced will not be read, so nothing after it can be understood.
  const bool understood =
      request.body == AdminRequest::Body::none || request.body == AdminRequest::Body::read;
  const bool keep_alive = request.keep_alive && understood;
  const AdminReply reply = [later, keep_alive](AdminResponse response) {
    response.keep_alive = keep_alive;
    later(std::move(response));
  };
  std::optional<AdminResponse> response = answer_target(request, sources, reply);
  if (response) response->keep_alive = keep_alive;
  return response;
}

std::string admin_response_bytes(const AdminResponse& response, bool head_only) {
  std::string bytes = fmt::format(
      "HTTP/1.1 {} {}\r\n"
      "Content-Type: {}\r\n"
      "Content-Length: {}\r\n"
      "Cache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
      "connect-src 'self'; frame-ancestors 'none'\r\n"
      "Connection: {}\r\n",
      response.status, reason_phrase(response.status), response.content_type, response.body.size(),
      response.keep_alive ? "keep-alive" : "close");
  if (!response.allow.empty()) bytes += fmt::format("Allow: {}\r\n", response.allow);
  bytes += "\r\n";
  if (!head_only) bytes += response.body;
  return bytes;
}

}  // namespace corelane::control
