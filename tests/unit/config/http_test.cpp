// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "config/values.hpp"
#include "sample.hpp"

/// What the file says about mode http.
namespace corelane::config {
namespace {

Parts http_parts() {
  return {.defaults = R"({"mode": "http"})"};
}

Model http_model(const std::string& frontend, const std::string& backend = "",
                 const std::string& server = "") {
  Parts parts = http_parts();
  parts.frontend = frontend;
  parts.backend = backend;
  parts.server = server;
  return sound_model(file_with(parts));
}

/// The faults of a file whose defaults say `mode`, without where they stand.
std::string faults_in(std::string_view mode, const std::string& frontend, const std::string& backend = "",
                      const std::string& server = "") {
  Parts parts;
  parts.defaults = R"({"mode": ")" + std::string(mode) + "\"}";
  parts.frontend = frontend;
  parts.backend = backend;
  parts.server = server;
  std::string faults;
  for (const Diagnostic& diagnostic : load(file_with(parts), "f").diagnostics)
    faults += diagnostic.json_path + ": " + diagnostic.message + "\n";
  return faults;
}

std::string http_faults(const std::string& frontend, const std::string& backend = "",
                        const std::string& server = "") {
  return faults_in("http", frontend, backend, server);
}

TEST_CASE("mode http without a further word") {
  const Model model = http_model("");
  const Frontend& frontend = model.frontends[0];
  CHECK(frontend.mode == Mode::http);
  CHECK(frontend.log_format == "http");
  CHECK(frontend.http == HttpFrontend{});
  CHECK(frontend.timeouts.http_request_ms == 0);
  const Backend& backend = model.backends[0];
  CHECK(backend.mode == Mode::http);
  CHECK(backend.http.http_reuse == HttpReuse::safe);
  CHECK(backend.http.retry_on.bits == 1);
  CHECK(backend.http.retry_on.has(RetryReason::conn_failure));
  CHECK_FALSE(backend.http.cookie);
  CHECK(backend.servers[0].mode == Mode::http);
  CHECK(backend.servers[0].pool_purge_delay_ms == 5000);
  CHECK(backend.servers[0].pool_max_connections == 0);
}

TEST_CASE("every key of an http frontend arrives") {
  const Frontend site = sound_model(full_sample).frontends.back();
  CHECK(site.name == "site");
  CHECK(site.timeouts.http_request_ms == 10'000);
  CHECK(site.timeouts.http_keep_alive_ms == 1000);
  CHECK_FALSE(site.http.log_as_soon_as_possible);
  CHECK(site.http.capture ==
        Capture{{{"Host", 64}}, {{"Server", 20}}, CaptureField{"SERVERID", 32}, {{24}}, {{12}}});
  REQUIRE(site.http.forward_for);
  CHECK(site.http.forward_for->header == "X-Forwarded-For");
  CHECK(site.http.forward_for->except.size() == 2);
  CHECK(site.http.original_to->except.size() == 1);
  CHECK(site.http.forwarded ==
        ForwardedField{.proto = false, .host = true, .for_address = true, .by_address = true});
  CHECK_FALSE(site.http.forwarded_proto);
  CHECK(site.http.accept_invalid.has(AcceptInvalid::characters_in_target));
  CHECK(site.http.accept_invalid.has(AcceptInvalid::control_in_values));
  CHECK_FALSE(site.http.accept_invalid.has(AcceptInvalid::characters_in_names));
  CHECK(site.http.monitor_uri == "/alive?x");
  CHECK(site.http.error_files == std::vector<ErrorFile>{{408, "/dev/null"}});
  CHECK(site.http.errors == 1);
}

TEST_CASE("every key of an http backend arrives") {
  const Model model = sound_model(full_sample);
  const Backend site = model.backends.back();
  CHECK(site.timeouts.tunnel_ms == 3'600'000);
  CHECK(site.http.http_connection == HttpConnection::keep_alive);
  CHECK(site.http.http_reuse == HttpReuse::always);
  CHECK(site.http.retry_on.has(RetryReason::empty_response));
  CHECK(site.http.retry_on.has_status(503));
  CHECK_FALSE(site.http.retry_on.has_status(502));
  CHECK_FALSE(site.http.retry_on.has_status(200));
  CHECK(site.http.retry_on.has_statuses());
  CHECK_FALSE(site.http.abort_on_close);
  REQUIRE(site.http.cookie);
  CHECK(*site.http.cookie == Cookie{.name = "SERVERID",
                                    .mode = CookieMode::insert,
                                    .indirect = true,
                                    .nocache = true,
                                    .postonly = true,
                                    .preserve = true,
                                    .httponly = true,
                                    .secure = true,
                                    .domains = {".example.com"},
                                    .dynamic = true,
                                    .dynamic_key = "secret",
                                    .max_idle_ms = 1'800'000,
                                    .max_life_ms = 28'800'000,
                                    .attributes = {"SameSite=Lax"}});
  CHECK(site.servers[0].cookie == "s1");
  CHECK(site.servers[0].pool_max_connections == 50);
  CHECK(site.servers[0].max_reuse == 10);
  CHECK(site.servers[1].pool_max_connections == 100);
  CHECK(site.servers[1].pool_purge_delay_ms == 10'000);
  CHECK(model.errors.at(site.http.errors).name == "pages");
  CHECK(model.errors[0].files ==
        std::vector<ErrorFile>{{503, "/etc/corelane/sorry.http"}, {504, "/etc/corelane/late.http"}});
}

TEST_CASE("frontends and backends of mode http take over the defaults, others nothing of it") {
  const std::string text = R"({
    "defaults": {"mode": "http", "forward_for": {"header": "X-Client"}, "forwarded": true, "http_reuse": "always",
                 "dont_log_normal": true, "http_connection": "server-close", "retry_on": ["502"],
                 "log_format": "http", "timeouts": {"http_request": "8s", "tunnel": "1h"}, "abort_on_close": true,
                 "error_files": {"503": "/a"}, "errors": "g"},
    "frontends": {"web": {"bind": [{"address": ":80"}], "forward_for": false, "default_backend": "app"},
                  "sql": {"mode": "tcp", "bind": [{"address": ":81"}], "default_backend": "sql"}},
    "backends": {"app": {"http_connection": "keep-alive", "forward_for": true, "forwarded": {"host": true},
                         "servers": [{"name": "s", "address": ":1"}]},
                 "sql": {"mode": "tcp", "servers": [{"name": "s", "address": ":2"}]}},
    "errors": {"g": {"files": {"500": "/b"}}}})";
  std::string addressed = text;
  for (const char* port : {"\":1\"", "\":2\""})
    addressed.replace(addressed.find(port), 4, std::string("\"127.0.0.1") + (port + 1));
  const Model model = sound_model(addressed);
  const Frontend& web = model.frontends[0];
  CHECK_FALSE(web.http.forward_for);
  CHECK(web.http.forwarded == ForwardedField{.proto = true, .for_address = true});
  CHECK(web.http.dont_log_normal);
  CHECK(web.http.http_connection == HttpConnection::server_close);
  CHECK(web.http.errors == 0);
  CHECK(web.timeouts.http_request_ms == 8000);
  CHECK(web.log_format == "http");
  const Frontend& sql = model.frontends[1];
  CHECK(sql.http == HttpFrontend{});
  CHECK(sql.timeouts.http_request_ms == 0);
  CHECK(sql.log_format == "tcp");
  const Backend& app = model.backends[0];
  CHECK(app.http.forward_for->header == "X-Forwarded-For");
  CHECK(app.http.forwarded == ForwardedField{.proto = true, .host = true, .for_address = true});
  CHECK(app.http.http_connection == HttpConnection::keep_alive);
  CHECK(app.http.http_reuse == HttpReuse::always);
  CHECK(app.http.retry_on.has_status(502));
  CHECK_FALSE(app.http.retry_on.has(RetryReason::conn_failure));
  CHECK(app.http.abort_on_close);
  CHECK(app.timeouts.tunnel_ms == 3'600'000);
  CHECK(app.http.error_files == std::vector<ErrorFile>{{503, "/a"}});
  CHECK(model.backends[1].http.http_reuse == HttpReuse::safe);
  CHECK(model.backends[1].timeouts.tunnel_ms == 0);
  CHECK(sound_model(dump(model)) == model);
}

TEST_CASE("log_format follows the mode where nobody names one") {
  CHECK(http_model(R"(, "log_format": "tcp")").frontends[0].log_format == "tcp");
  CHECK(http_model(R"(, "log_format": "json")").frontends[0].log_format == "json");
  CHECK(sound_model(file_with({.defaults = R"({"mode": "http", "log_format": "tcp"})"}))
            .frontends[0]
            .log_format == "tcp");
  CHECK(faults_in("tcp", R"(, "log_format": "http")") ==
        "frontends.f.log_format: http log lines need mode http\n");
}

TEST_CASE("what needs mode http is refused elsewhere") {
  for (const char* key :
       {R"("forward_for": true)", R"("original_to": false)", R"("forwarded": true)",
        R"("forwarded_proto": true)", R"("accept_invalid": "control_in_values")",
        R"("http_connection": "close")", R"("error_files": {"503": "/x"})",
        R"("log_as_soon_as_possible": true)", R"("dont_log_normal": true)", R"("log_separate_errors": true)",
        R"("monitor_uri": "/")", R"("capture": {"request_headers": []})"}) {
    CAPTURE(key);
    const std::string name(key + 1, std::string_view(key).find('"', 1) - 1);
    CHECK(faults_in("tcp", std::string(", ") + key) ==
          "frontends.f." + name + ": has no effect unless the mode is http\n");
  }
  for (const char* key :
       {R"("forward_for": true)", R"("accept_invalid": "control_in_values")", R"("http_connection": "close")",
        R"("abort_on_close": false)", R"("cookie": {"name": "c", "mode": "insert"})",
        R"("error_files": {"503": "/x"})"}) {
    CAPTURE(key);
    const std::string name(key + 1, std::string_view(key).find('"', 1) - 1);
    CHECK(faults_in("tcp", "", std::string(", ") + key) ==
          "backends.b." + name + ": has no effect unless the mode is http\n");
  }
  CHECK(faults_in("tcp", "", R"(, "http_reuse": "safe", "retry_on": "none")") ==
        "backends.b.http_reuse: has no effect unless the mode is http and http_connection is keep-alive\n"
        "backends.b.retry_on: has no effect unless the mode is http and retries is more than 0\n");
  CHECK(faults_in("tcp", R"(, "timeouts": {"http_request": "1s", "http_keep_alive": "1s"})",
                  R"(, "timeouts": {"tunnel": "1s"})") ==
        "frontends.f.timeouts.http_request: has no effect unless the mode is http\n"
        "frontends.f.timeouts.http_keep_alive: has no effect unless the mode is http\n"
        "backends.b.timeouts.tunnel: has no effect unless the mode is http\n");
  CHECK(faults_in("tcp", "", R"(, "default_server": {"max_reuse": 1})",
                  R"(, "cookie": "a", "pool_max_connections": 1, "pool_purge_delay": "1s")") ==
        "backends.b.servers[0].cookie: has no effect unless the backend's mode is http\n"
        "backends.b.servers[0].pool_max_connections: has no effect unless the backend's mode is http and its "
        "http_connection keep-alive\n"
        "backends.b.servers[0].pool_purge_delay: has no effect unless the backend's mode is http and its "
        "http_connection keep-alive\n"
        "backends.b.default_server.max_reuse: has no effect unless the backend's mode is http and its "
        "http_connection keep-alive\n");
}

TEST_CASE("defaults that nobody can take over are refused") {
  const auto faults = [](const std::string& defaults) {
    return faults_of(file_with({.defaults = "{" + defaults + "}"}));
  };
  const std::string none = "has no effect: no frontend and no backend has mode http\n";
  CHECK(faults(R"("forward_for": true)") == "f:1:29: error: defaults.forward_for: " + none);
  CHECK(faults(R"("http_reuse": "never")") == "f:1:29: error: defaults.http_reuse: " + none);
  CHECK(faults(R"("log_format": "http")") == "f:1:43: error: defaults.log_format: " + none);
  CHECK(faults(R"("timeouts": {"tunnel": "1h"})") == "f:1:42: error: defaults.timeouts.tunnel: " + none);
}

TEST_CASE("a frontend and its backend have the same mode") {
  CHECK(faults_in("http", "", R"(, "mode": "tcp")") ==
        "frontends.f.default_backend: frontends.f has mode http, backends.b has mode tcp\n");
  CHECK(faults_in("tcp", "", R"(, "mode": "http")") ==
        "frontends.f.default_backend: frontends.f has mode tcp, backends.b has mode http\n");
  CHECK(faults_in("tcp", R"(, "mode": "htp", "forward_for": true)") ==
        "frontends.f.mode: \"htp\" is not a known mode\n");
}

TEST_CASE("fields about the client's connection") {
  CHECK(http_model(R"(, "forward_for": {})").frontends[0].http.forward_for->header == "X-Forwarded-For");
  CHECK_FALSE(http_model(R"(, "original_to": false)").frontends[0].http.original_to);
  CHECK(http_faults(R"(, "forward_for": "yes")") ==
        "frontends.f.forward_for: expected true, false or an object, found a string\n");
  CHECK(http_faults(R"(, "forward_for": {"header": "X For"})") ==
        "frontends.f.forward_for.header: \"X For\" is not a name of letters, digits and any of ! # $ % & ' * "
        "+ - . ^ _ ` | ~, of at most 128 bytes\n");
  CHECK(http_faults(R"(, "forward_for": {"except": ["10.0.0.0/33"]})")
            .starts_with("frontends.f.forward_for.except[0]: bad network"));
  CHECK(http_faults(R"(, "forwarded": {"for": false, "for_port": true})") ==
        "frontends.f.forwarded.for_port: has no effect unless for is true\n");
  CHECK(http_faults(R"(, "forwarded": {"for": false, "proto": false})") ==
        "frontends.f.forwarded: would tell nothing; false is for no such field\n");
}

TEST_CASE("monitor_uri, capture and error files") {
  CHECK(http_faults(R"(, "monitor_uri": "alive")") ==
        "frontends.f.monitor_uri: \"alive\" is not a path that begins with / and has no blanks, of at most "
        "1024 "
        "bytes\n");
  CHECK(http_faults(R"(, "log_format": "tcp", "capture": {"cookie": {"name": "c", "length": 1}})") ==
        "frontends.f.capture: has no effect where log_format is tcp\n");
  CHECK(http_faults(R"(, "error_files": {"302": "/x", "503": "x", "500": 1})") ==
        "frontends.f.error_files.302: \"302\" is not a status with an error page\n"
        "frontends.f.error_files.503: an error file's path is absolute\n"
        "frontends.f.error_files.500: expected a path in double quotes, found a number\n");
  CHECK(http_faults(R"(, "errors": "page")") == "frontends.f.errors: no group in errors is named \"page\"\n");
}

TEST_CASE("an error group that nobody uses is a warning") {
  std::string text = file_with(http_parts());
  text.insert(text.rfind('}'), R"(, "errors": {"g": {"files": {"503": "/x"}}})");
  const LoadResult result = load(text, "f");
  CHECK(result.model);
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(result.diagnostics[0].severity == Severity::warning);
  CHECK(result.diagnostics[0].json_path == "errors.g");
}

TEST_CASE("retry_on") {
  const auto retry_on = [](const std::string& value) {
    return http_model("", R"(, "retry_on": )" + value).backends[0].http.retry_on;
  };
  CHECK(retry_on(R"("none")").bits == 0);
  CHECK(retry_on(R"(["none"])").bits == 0);
  const RetryOn all = retry_on(R"("all-retryable-errors")");
  for (const RetryReason reason : {RetryReason::conn_failure, RetryReason::empty_response,
                                   RetryReason::junk_response, RetryReason::response_timeout})
    CHECK(all.has(reason));
  for (const std::uint16_t status : std::initializer_list<std::uint16_t>{500, 502, 503, 504})
    CHECK(all.has_status(status));
  for (const std::uint16_t status : std::initializer_list<std::uint16_t>{401, 403, 404, 408, 425, 501})
    CHECK_FALSE(all.has_status(status));
  CHECK(retry_on(R"(["all-retryable-errors", "404"])").bits == (all.bits | retry_on(R"("404")").bits));
  CHECK_FALSE(retry_on(R"(["empty-response", "junk-response"])").has_statuses());
  CHECK(http_faults("", R"(, "retry_on": ["none", "503"])") ==
        "backends.b.retry_on[0]: \"none\" stands alone\n");
  CHECK(http_faults("", R"(, "retry_on": [])") ==
        "backends.b.retry_on: expected a word or a list of words, found a list\n");
  CHECK(http_faults("", R"(, "retry_on": ["505"])") ==
        "backends.b.retry_on[0]: \"505\" is not a known word of retry_on\n");
  CHECK(http_faults("", R"(, "retries": 0, "retry_on": ["503"])") ==
        "backends.b.retry_on: has no effect unless the mode is http and retries is more than 0\n");
}

TEST_CASE("cookies") {
  const std::string insert = R"(, "cookie": {"name": "c", "mode": "insert"})";
  CHECK(http_model("", insert, R"(, "cookie": "a")").backends[0].http.cookie->mode == CookieMode::insert);
  CHECK(http_faults("", "", R"(, "cookie": "a")") ==
        "backends.b.servers[0].cookie: has no effect unless the backend has a cookie\n");
  CHECK(http_faults("", insert) ==
        "backends.b.cookie: has no effect unless a server has a cookie, or dynamic is true\n");
  CHECK(http_faults("", R"(, "cookie": {"name": "c", "mode": "insert", "dynamic": true})") ==
        "backends.b.cookie.dynamic: the key \"dynamic_key\" is missing beside it\n");
  CHECK(http_faults("", R"(, "cookie": {"name": "c", "mode": "rewrite", "indirect": true, "secure": true})",
                    R"(, "cookie": "a")") ==
        "backends.b.cookie.indirect: has no effect unless the mode is insert or passive\n"
        "backends.b.cookie.secure: has no effect unless the mode is insert\n");
  CHECK(http_faults("", R"(, "cookie": {"name": "c;", "mode": "insert"})").find("backends.b.cookie.name") ==
        0);
  CHECK(http_faults("", insert, R"(, "cookie": "a;b")").find("backends.b.servers[0].cookie: \"a;b\"") == 0);
  CHECK(http_faults("", insert,
                    R"(, "cookie": "a"}, {"name": "t", "address": "127.0.0.1:82", "cookie": "a")") ==
        "backends.b.servers[1].cookie: the cookie a stands at backends.b.servers[0].cookie already\n");
}

TEST_CASE("idle connections that are never kept have no settings") {
  CHECK(http_faults("", R"(, "http_connection": "server-close")", R"(, "max_reuse": 5)") ==
        "backends.b.servers[0].max_reuse: has no effect unless the backend's mode is http and its "
        "http_connection keep-alive\n");
  CHECK(http_faults("", R"(, "http_connection": "server-close", "http_reuse": "always")") ==
        "backends.b.http_reuse: has no effect unless the mode is http and http_connection is keep-alive\n");
}

TEST_CASE("what was handed down without effect is not written") {
  const Model model =
      http_model(R"(, "http_connection": "close")", R"(, "http_connection": "server-close", "retries": 0)");
  CHECK(sound_model(dump(model)) == model);
}

TEST_CASE("a target is a part of a head") {
  const auto faults = [](const std::string& http) {
    return faults_of(file_with({.global = R"({"tune": {"http": )" + http + "}}"}));
  };
  CHECK(faults(R"({"head_bytes": "4k"})") ==
        "f:1:45: error: global.tune.http.head_bytes: uri_bytes is more than head_bytes, of which it is a "
        "part\n");
  CHECK(faults(R"({"head_bytes": "8k"})").empty());
}

TEST_CASE("--mode http") {
  const LoadResult result = model_from_listen(":80", "h:1", "http");
  REQUIRE(result.model);
  CHECK(result.model->frontends[0].mode == Mode::http);
  CHECK(result.model->backends[0].mode == Mode::http);
  CHECK(result.model->frontends[0].log_format == "http");
}

}  // namespace
}  // namespace corelane::config
