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

AdminResponse answer_dashboard(const AdminSources&) {
  return {.content_type = "text/html; charset=utf-8", .body = std::string(dashboard_html())};
}

AdminResponse answer_stats(const AdminSources& sources) {
  return {.body = sources.stats()};
}

AdminResponse answer_configuration(const AdminSources& sources) {
  return {.body = sources.configuration()};
}

AdminResponse answer_live(const AdminSources&) {
  return {.body = json_text({{"live", true}})};
}

AdminResponse answer_ready(const AdminSources& sources) {
  const Readiness readiness = sources.readiness();
  Json json = {{"ready", readiness.ready()}, {"accepting", readiness.accepting}};
  if (!readiness.backends_unavailable.empty())
    json["backends_without_server"] = readiness.backends_unavailable;
  return {.status = readiness.ready() ? 200 : 503, .body = json_text(json)};
}

constexpr auto routes = std::to_array<AdminRoute>({
    {"/", "the dashboard", answer_dashboard},
    {"/stats", "counters and states as a JSON tree", answer_stats},
    {"/ready", "200 when connections can be served, 503 with the reason otherwise", answer_ready},
    {"/live", "200 while the process runs", answer_live},
    {"/v1/config", "the effective configuration", answer_configuration},
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
  for (const AdminRoute& route : routes) json["endpoints"][std::string(route.path)] = route.help;
  return {.status = 404, .body = json_text(json)};
}

AdminResponse answer_target(const AdminRequest& request, const AdminSources& sources) {
  if (request.method != "GET" && request.method != "HEAD") {
    return is_known_method(request.method) ? admin_error(405, "only GET and HEAD are answered here")
                                           : admin_error(501, "this method is not known");
  }
  if (request.body == AdminRequest::Body::chunked)
    return admin_error(411, "a request must not have a body here");
  if (request.body == AdminRequest::Body::sized)
    return admin_error(413, "a request must not have a body here");
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const auto* route = std::ranges::find(routes, path, &AdminRoute::path);
  return route != routes.end() ? route->answer(sources) : unknown_path(path);
}

}  // namespace

std::span<const AdminRoute> admin_routes() {
  return routes;
}

AdminResponse admin_error(int status, std::string_view text) {
  return {.status = status, .body = json_text({{"error", text}}), .keep_alive = false};
}

AdminResponse admin_answer(const AdminRequest& request, const AdminSources& sources) {
  AdminResponse response = answer_target(request, sources);
  // A body that was announced will not be read, so nothing after it can be understood.
  response.keep_alive = request.keep_alive && request.body == AdminRequest::Body::none;
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
  if (response.status == 405) bytes += "Allow: GET, HEAD\r\n";
  bytes += "\r\n";
  if (!head_only) bytes += response.body;
  return bytes;
}

}  // namespace corelane::control
