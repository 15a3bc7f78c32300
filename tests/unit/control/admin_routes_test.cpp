// SPDX-License-Identifier: Apache-2.0
#include "control/admin_routes.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace corelane::control;

namespace {

AdminSources sources(Readiness readiness = {}) {
  return {
      .stats = [] { return std::string("{\"stats\": 1}\n"); },
      .readiness = [readiness] { return readiness; },
      .configuration = [] { return std::string("{\"global\": {}}\n"); },
      .patch_server =
          [](const AdminCall& call) {
            return AdminResponse{.body = std::string(call.names[0]) + '/' + std::string(call.names[1]) + ' ' +
                                         call.request.content};
          },
      .certificates =
          [](const AdminCall& call, CertificateVerb verb) {
            return AdminResponse{.body = std::to_string(static_cast<int>(verb)) +
                                         (call.names.empty() ? "" : std::string(call.names[0]))};
          },
      .list_sessions =
          [](const AdminCall& call) {
            call.later({.body = "later"});
            return std::optional<AdminResponse>();
          },
      .end_session = [](const AdminCall& call) { return AdminResponse{.body = std::string(call.names[0])}; },
      .end_sessions = [](const AdminCall&) { return AdminResponse{.body = "all"}; }};
}

AdminResponse answer_of(const AdminRequest& request, const AdminSources& from) {
  const std::optional<AdminResponse> response = admin_answer(request, from, [](AdminResponse) {});
  REQUIRE(response);
  return *response;
}

AdminRequest request(std::string method, std::string target) {
  AdminRequest result;
  result.method = std::move(method);
  result.target = std::move(target);
  return result;
}

}  // namespace

TEST_CASE("methods, paths and bodies lead to statuses") {
  using Body = AdminRequest::Body;
  struct Case {
    const char* method;
    const char* target;
    Body body;
    int status;
    bool keep_alive;
  };
  const std::vector<Case> cases = {
      {"GET", "/", Body::none, 200, true},
      {"GET", "/stats", Body::none, 200, true},
      {"GET", "/stats?pretty", Body::none, 200, true},
      {"HEAD", "/stats", Body::none, 200, true},
      {"GET", "/ready", Body::none, 200, true},
      {"GET", "/live", Body::none, 200, true},
      {"GET", "/v1/config", Body::none, 200, true},
      {"GET", "/stats/", Body::none, 404, true},
      {"GET", "/nothing", Body::none, 404, true},
      {"GET", "*", Body::none, 404, true},
      {"POST", "/nothing", Body::none, 404, true},
      {"GET", "/sta%74s", Body::none, 200, true},
      {"GET", "/sta%7", Body::none, 400, true},
      {"GET", "/stats?%zz", Body::none, 400, true},
      {"GET", "/v1/backends/b/servers/s", Body::none, 405, true},
      {"PATCH", "/v1/backends/b/servers/", Body::none, 404, true},
      {"PATCH", "/v1/backends/b/servers/s/x", Body::none, 404, true},
      {"PATCH", "/v1/backends/b/servers/s", Body::none, 415, true},
      {"PATCH", "/v1/backends/b/servers/s", Body::read, 415, true},
      {"PATCH", "/v1/backends/b/servers/s", Body::sized, 413, false},
      {"PATCH", "/v1/backends/b/servers/s", Body::chunked, 411, false},
      {"PATCH", "/stats", Body::read, 405, true},
      {"GET", "/v1/certificates", Body::none, 200, true},
      {"PUT", "/v1/certificates", Body::read, 405, true},
      {"PUT", "/v1/certificates/site.pem", Body::read, 200, true},
      {"PUT", "/v1/certificates/%2Fetc%2Fsite.pem", Body::read, 200, true},
      {"PUT", "/v1/certificates/site.pem", Body::sized, 413, false},
      {"POST", "/v1/certificates/reload", Body::none, 200, true},
      {"POST", "/v1/certificates/site.pem", Body::none, 405, true},
      {"GET", "/v1/certificates/reload", Body::none, 405, true},
      {"POST", "/stats", Body::none, 405, true},
      {"POST", "/stats", Body::sized, 405, false},
      {"BREW", "/stats", Body::none, 501, true},
      {"get", "/stats", Body::none, 501, true},
      {"GET", "/stats", Body::sized, 413, false},
      {"GET", "/stats", Body::chunked, 411, false},
  };
  for (const Case& example : cases) {
    CAPTURE(example.method);
    CAPTURE(example.target);
    AdminRequest asked = request(example.method, example.target);
    asked.body = example.body;
    const AdminResponse response = answer_of(asked, sources());
    CHECK(response.status == example.status);
    CHECK(response.keep_alive == example.keep_alive);
    if (response.status != 200) CHECK(nlohmann::json::parse(response.body).contains("error"));
  }
}

TEST_CASE("names in a path and the body reach the endpoint") {
  AdminRequest asked = request("PATCH", "/v1/backends/b%20k/servers/s%2F1?x=y");
  asked.body = AdminRequest::Body::read;
  asked.content = "{}";
  for (const char* type : {"application/json", "application/json; charset=utf-8"}) {
    asked.content_type = type;
    const AdminResponse response = answer_of(asked, sources());
    CHECK(response.status == 200);
    CHECK(response.body == "b k/s/1 {}");
    CHECK(response.keep_alive);
  }
  asked.content_type = "application/x-www-form-urlencoded";
  CHECK(answer_of(asked, sources()).status == 415);
}

TEST_CASE("an endpoint may answer later, and the connection is kept or not as ever") {
  for (const bool keep_alive : {true, false}) {
    AdminRequest asked = request("GET", "/v1/sessions?limit=5");
    asked.keep_alive = keep_alive;
    std::vector<AdminResponse> later;
    const auto now =
        admin_answer(asked, sources(), [&later](AdminResponse response) { later.push_back(response); });
    CHECK_FALSE(now);
    REQUIRE(later.size() == 1);
    CHECK(later[0].body == "later");
    CHECK(later[0].keep_alive == keep_alive);
  }
  CHECK(answer_of(request("DELETE", "/v1/sessions/0-1-2"), sources()).body == "0-1-2");
  CHECK(answer_of(request("DELETE", "/v1/sessions?backend=b"), sources()).body == "all");
  CHECK(answer_of(request("POST", "/v1/sessions"), sources()).allow == "GET, HEAD, DELETE");
}

TEST_CASE("the answer to a wrong method names the right ones") {
  CHECK(answer_of(request("DELETE", "/stats"), sources()).allow == "GET, HEAD");
  CHECK(answer_of(request("GET", "/v1/backends/b/servers/s"), sources()).allow == "PATCH");
  const AdminResponse response = answer_of(request("POST", "/v1/backends/b/servers/s"), sources());
  CHECK(admin_response_bytes(response, true).find("\r\nAllow: PATCH\r\n") != std::string::npos);
}

TEST_CASE("faults of a body say where, what is allowed and what was meant") {
  corelane::config::Report report("body");
  report.error({1, 2}, "stat", "unknown key", {.allowed = {"state"}, .near_miss = "state"});
  const AdminResponse response = admin_faults(report);
  CHECK(response.status == 400);
  const auto json = nlohmann::json::parse(response.body);
  CHECK(json["error"] == "body:1:2: error: stat: unknown key; allowed: state; did you mean \"state\"?");
  CHECK(json["faults"][0]["did_you_mean"] == "state");
}

TEST_CASE("a client that asks to close is told so") {
  AdminRequest asked = request("GET", "/live");
  asked.keep_alive = false;
  CHECK_FALSE(answer_of(asked, sources()).keep_alive);
}

TEST_CASE("ready says what is missing") {
  const auto answer = [](Readiness readiness) {
    return answer_of(request("GET", "/ready"), sources(readiness));
  };
  CHECK(answer({}).status == 200);

  const AdminResponse draining = answer({.accepting = false, .backends_unavailable = {}});
  CHECK(draining.status == 503);
  CHECK(nlohmann::json::parse(draining.body)["accepting"] == false);

  const AdminResponse unavailable = answer({.accepting = true, .backends_unavailable = {"bk_a", "bk_b\xff"}});
  CHECK(unavailable.status == 503);
  const auto json = nlohmann::json::parse(unavailable.body);
  CHECK(json["ready"] == false);
  CHECK(json["backends_without_server"].size() == 2);
  CHECK(json["backends_without_server"][0] == "bk_a");
}

TEST_CASE("an unknown path gets the list of the known ones") {
  const auto json = nlohmann::json::parse(answer_of(request("GET", "/x"), sources()).body);
  CHECK(json["endpoints"].size() == admin_routes().size());
  CHECK(json["endpoints"].contains("GET /ready"));
}

TEST_CASE("the dashboard is one page without foreign parts") {
  const AdminResponse response = answer_of(request("GET", "/"), sources());
  CHECK(response.content_type.starts_with("text/html"));
  CHECK(response.body.starts_with("<!doctype html>"));
  CHECK(response.body.ends_with("</html>\n"));
  CHECK(response.body.find("https://") == std::string::npos);
  CHECK(response.body.find("src=") == std::string::npos);
}

TEST_CASE("a response has its length, whether or not its body goes with it") {
  const AdminResponse response{.status = 503, .body = "{}\n", .keep_alive = false};
  const std::string whole = admin_response_bytes(response, false);
  const std::string head = admin_response_bytes(response, true);
  CHECK(whole == head + "{}\n");
  CHECK(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(head.find("\r\nContent-Length: 3\r\n") != std::string::npos);
  CHECK(head.find("\r\nCache-Control: no-store\r\n") != std::string::npos);
  CHECK(head.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK_FALSE(admin_fatal_error(400, "no").keep_alive);
}
