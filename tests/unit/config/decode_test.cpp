// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "balance/balancer.hpp"
#include "config/cross_checks.hpp"
#include "sample.hpp"

namespace corelane::config {
namespace {

TEST_CASE("a file that says nothing gets every default") {
  const Model model = sound_model(file_with({}));
  const Global& global = model.global;
  CHECK(global.reactors == 0);
  CHECK(global.pin);
  CHECK(global.even_lanes);
  CHECK(global.max_connections == 0);
  CHECK(global.drain_timeout_ms == 30'000);
  CHECK(global.log.empty());
  CHECK(global.admin.bind.empty());
  CHECK(global.tune == Tune{16'384, 0, 256, 1'048'576, 20'000, HttpLimits{16'384, 128, 8192, 256, 8192}});

  const Frontend& frontend = model.frontends.at(0);
  CHECK(frontend.name == "f");
  CHECK(frontend.mode == Mode::tcp);
  CHECK(frontend.max_connections == 0);
  CHECK(frontend.timeouts ==
        Timeouts{.client_ms = 600'000, .client_fin_ms = 30'000, .client_hs_ms = unused_time_out_ms});
  CHECK(frontend.keep_alive == KeepAlive{});
  CHECK(frontend.log_format == "tcp");
  CHECK_FALSE(frontend.dont_log_null);
  CHECK(frontend.default_backend == 0);
  const Bind& bind = frontend.bind.at(0);
  CHECK(bind.interface.empty());
  CHECK(bind.backlog == 0);
  CHECK_FALSE(bind.defer_accept);
  CHECK(bind.max_segment == 0);
  CHECK_FALSE(bind.ipv6_only);
  CHECK(bind.socket_mode == 0);

  const Backend& backend = model.backends.at(0);
  CHECK(backend.name == "b");
  CHECK(balance::registry()[backend.balance.algorithm].name == "roundrobin");
  CHECK(backend.balance.draws == 2);
  CHECK(backend.retries == 3);
  CHECK(backend.redispatch);
  CHECK_FALSE(backend.all_backups);
  CHECK(backend.timeouts == Timeouts{.connect_ms = 5000,
                                     .queue_ms = 30'000,
                                     .server_ms = 600'000,
                                     .server_fin_ms = 30'000,
                                     .check_ms = 2000});
  CHECK(backend.check.type == no_check);
  const Server& server = backend.servers.at(0);
  CHECK(server.name == "s");
  CHECK(server.weight == 1);
  CHECK_FALSE(server.backup);
  CHECK_FALSE(server.check.enabled);
  CHECK(server.max_connections == 0);
  CHECK(server.on_marked_down == OnMarkedDown::none);
}

TEST_CASE("every key of the process arrives") {
  const Global global = sound_model(full_sample).global;
  CHECK(global.reactors == 2);
  CHECK_FALSE(global.pin);
  CHECK_FALSE(global.even_lanes);
  CHECK(global.max_connections == 1000);
  CHECK(global.drain_timeout_ms == 60'000);
  CHECK(global.tune == Tune{32'768, 512, 16, 65'536, 1000, HttpLimits{8192, 64, 4096, 128, 2048}});
  REQUIRE(global.log.size() == 3);
  CHECK(global.log[0].kind == LogTarget::Kind::udp);
  CHECK(global.log[0].address.endpoint.port == 514);
  CHECK(global.log[0].facility == corelane::logfmt::SyslogFacility{18});
  CHECK(global.log[0].form == corelane::logfmt::SyslogForm::local);
  CHECK(global.log[1].form == corelane::logfmt::SyslogForm::raw);
  CHECK(global.log[1].kind == LogTarget::Kind::standard_output);
  REQUIRE(global.admin.bind.size() == 2);
  CHECK(global.admin.bind[1].path == "/run/corelane.sock");
}

TEST_CASE("every key of a frontend arrives") {
  const Model model = sound_model(full_sample);
  const Frontend& web = model.frontends.at(0);
  CHECK(web.max_connections == 500);
  CHECK(web.timeouts == Timeouts{.client_ms = 7000, .client_fin_ms = 8000, .client_hs_ms = 9000});
  CHECK(web.keep_alive == KeepAlive{true, 61'000, 11'000, 6});
  CHECK(web.log_format == "tcp");
  CHECK_FALSE(web.dont_log_null);
  CHECK(model.backends.at(web.default_backend).name == "app");
  REQUIRE(web.bind.size() == 4);
  CHECK(base::endpoint_text(web.bind[0].address.endpoint) == "[::]:80");
  CHECK(web.bind[0].interface == "eth0");
  CHECK(web.bind[0].backlog == 128);
  CHECK(web.bind[0].defer_accept);
  CHECK(web.bind[0].max_segment == 1400);
  CHECK(web.bind[0].ipv6_only);
  CHECK(web.bind[0].transparent);
  CHECK(web.bind[0].marks == SocketMarks{.mark = 7, .tos = 184});
  CHECK(web.bind[1].freebind);
  CHECK(web.bind[1].marks == SocketMarks{.mark = 0, .tos = 32});
  CHECK(web.bind[3].socket_mode == 0660);
  CHECK(model.frontends.at(1).bind.at(0).address.descriptor == 7);
  CHECK(model.frontends.at(1).default_backend == 1);
}

TEST_CASE("every key of a backend arrives") {
  const Backend app = sound_model(full_sample).backends.at(0);
  CHECK(balance::registry()[app.balance.algorithm].name == "random");
  CHECK(app.balance.draws == 3);
  CHECK(app.retries == 2);
  CHECK(app.redispatch);
  CHECK(app.full_connections == 900);
  CHECK_FALSE(app.all_backups);
  CHECK(app.timeouts == Timeouts{.connect_ms = 9000,
                                 .queue_ms = 14'000,
                                 .server_ms = 10'000,
                                 .server_fin_ms = 11'000,
                                 .check_ms = 12'000});
  CHECK(app.keep_alive == KeepAlive{true, 62'000, 12'000, 7});
  CHECK(app.check == Check{{}, 1, 4000, 2000, 6000, 6, 7});
  CHECK(app.servers[1].source.interface == "eth1");
  CHECK(app.servers[1].source.marks == SocketMarks{.mark = 9, .tos = 32});
  REQUIRE(app.servers.size() == 2);
  CHECK(app.servers[0].weight == 20);
  CHECK(app.servers[0].backup);
  CHECK(app.servers[0].check.enabled);
  CHECK(app.servers[0].max_connections == 60);
  CHECK(app.servers[0].min_connections == 6);
  CHECK(app.servers[0].max_queue == 8);
  CHECK(app.servers[0].slow_start_ms == 60'000);
  CHECK(app.servers[0].on_marked_down == OnMarkedDown::shutdown_sessions);
  CHECK(app.servers[1].address.host == "app2.example");
  CHECK(app.servers[1].weight == 10);
  CHECK_FALSE(app.servers[1].backup);
  CHECK(app.servers[1].max_connections == 50);
  CHECK(app.servers[1].min_connections == 5);
  CHECK(app.servers[1].max_queue == 7);
  CHECK(app.servers[1].slow_start_ms == 30'000);
  CHECK(app.servers[1].on_marked_down == OnMarkedDown::none);
}

TEST_CASE("frontends and backends take over the defaults") {
  const Model model = sound_model(full_sample);
  const Frontend& frontend = model.frontends.at(1);
  CHECK(frontend.timeouts ==
        Timeouts{.client_ms = 2000, .client_fin_ms = 4000, .client_hs_ms = unused_time_out_ms});
  CHECK(frontend.keep_alive == KeepAlive{true, 60'000, 10'000, 5});
  CHECK(frontend.log_format == "json");
  CHECK(frontend.dont_log_null);
  const Backend& backend = model.backends.at(1);
  CHECK(balance::registry()[backend.balance.algorithm].name == "leastconn");
  CHECK(backend.retries == 1);
  CHECK_FALSE(backend.redispatch);
  CHECK(backend.all_backups);
  CHECK(backend.timeouts == Timeouts{.connect_ms = 1000,
                                     .queue_ms = 13'000,
                                     .server_ms = 3000,
                                     .server_fin_ms = 5000,
                                     .check_ms = 6000});
  CHECK(backend.keep_alive == KeepAlive{true, 60'000, 10'000, 5});
  CHECK(backend.check.type == no_check);
}

TEST_CASE("an object that is given in part takes over the rest") {
  const Model model = sound_model(file_with({.defaults = R"({"check": {"interval": "5s", "rise": 9},
                                                           "keep_alive": {"enabled": true, "idle": "7s"}})",
                                             .frontend = R"(, "keep_alive": {"count": 3})",
                                             .backend = R"(, "check": {"interval": "1s", "fall": 8})"}));
  CHECK(model.frontends[0].keep_alive == KeepAlive{true, 7000, 0, 3});
  CHECK(model.backends[0].check == Check{{}, 1, 1000, 1000, 1000, 9, 8});
  CHECK(model.backends[0].servers[0].check.enabled);
}

TEST_CASE("what was taken over but has no effect falls back to its default") {
  const Model model =
      sound_model(file_with({.defaults = R"({"keep_alive": {"enabled": true, "idle": "7s"},
                                                             "balance": {"algorithm": "random", "draws": 9},
                                                             "check": {"interval": "5s", "fast_interval": "1s"}})",
                             .frontend = R"(, "keep_alive": {"enabled": false})",
                             .backend = R"(, "balance": "source", "check": {"type": "none"})"}));
  CHECK(model.frontends[0].keep_alive == KeepAlive{});
  CHECK(model.backends[0].balance.draws == 2);
  CHECK(model.backends[0].check == Check{{}, no_check, 2000, 2000, 2000, 2, 3});
}

TEST_CASE("check intervals that are not given are the interval") {
  const auto check = [](const char* text) {
    return sound_model(file_with({.backend = std::string(", \"check\": ") + text})).backends[0].check;
  };
  CHECK(check("{}") == Check{{}, 1, 2000, 2000, 2000, 2, 3});
  CHECK(check(R"({"interval": "9s"})") == Check{{}, 1, 9000, 9000, 9000, 2, 3});
  CHECK(check(R"({"interval": "9s", "down_interval": "1m"})") == Check{{}, 1, 9000, 9000, 60'000, 2, 3});
}

TEST_CASE("a server is checked when its backend has a check, unless it says otherwise") {
  const auto server = [](const char* backend, const char* own) {
    return sound_model(file_with({.backend = backend, .server = own})).backends[0].servers[0];
  };
  CHECK(server(R"(, "check": {})", "").check.enabled);
  CHECK_FALSE(server(R"(, "check": {})", R"(, "check": false)").check.enabled);
  CHECK_FALSE(server(R"(, "check": {}, "default_server": {"check": false})", "").check.enabled);
  CHECK(server(R"(, "check": {}, "default_server": {"check": false})", R"(, "check": true)").check.enabled);
  CHECK_FALSE(server("", R"(, "check": false)").check.enabled);
  // Without a check nothing marks it down, whatever it took over.
  CHECK(server(R"(, "check": {}, "on_marked_down": "shutdown-sessions")", R"(, "check": false)")
            .on_marked_down == OnMarkedDown::none);
}

TEST_CASE("on_marked_down goes from the backend to default_server to the server") {
  const auto action = [](const char* backend, const char* own) {
    return sound_model(file_with({.backend = backend, .server = own})).backends[0].servers[0].on_marked_down;
  };
  CHECK(action(R"(, "check": {}, "on_marked_down": "shutdown-sessions")", "") ==
        OnMarkedDown::shutdown_sessions);
  CHECK(
      action(
          R"(, "check": {}, "on_marked_down": "shutdown-sessions", "default_server": {"on_marked_down": "none"})",
          "") == OnMarkedDown::none);
  CHECK(action(R"(, "check": {}, "on_marked_down": "shutdown-sessions")", R"(, "on_marked_down": "none")") ==
        OnMarkedDown::none);
}

TEST_CASE("a key without effect is a fault") {
  struct Row {
    Parts parts;
    std::string fault;
  };
  const Row rows[] = {
      {{.bind = R"({"address": "unix:/x", "interface": "eth0"})"},
       "f:2:53: error: frontends.f.bind[0].interface: has no effect unless the address is an IP address or a "
       "host name\n"},
      {{.bind = R"({"address": "unix:/x", "max_segment": 900})"},
       "f:2:53: error: frontends.f.bind[0].max_segment: has no effect unless the address is an IP address or "
       "a host "
       "name\n"},
      {{.bind = R"({"address": "fd@7", "defer_accept": true})"},
       "f:2:50: error: frontends.f.bind[0].defer_accept: has no effect unless the address is an IP address "
       "or a host "
       "name\n"},
      {{.bind = R"({"address": ":80", "ipv6_only": true})"},
       "f:2:49: error: frontends.f.bind[0].ipv6_only: has no effect unless the address is an IPv6 address or "
       "a host "
       "name\n"},
      {{.bind = R"({"address": ":80", "mode": "0600"})"},
       "f:2:49: error: frontends.f.bind[0].mode: has no effect unless the address is the file of a UNIX "
       "socket\n"},
      {{.bind = R"({"address": "unix:@x", "mode": "0600"})"},
       "f:2:53: error: frontends.f.bind[0].mode: has no effect unless the address is the file of a UNIX "
       "socket\n"},
      {{.global = R"({"log": [{"to": "stdout", "facility": "local1"}]})"},
       "f:1:38: error: global.log[0].facility: has no effect unless the format is local, rfc3164, rfc5424 or "
       "priority\n"},
      {{.global = R"({"log": [{"to": "stdout", "sample": "1:0"}]})"},
       "f:1:48: error: global.log[0].sample: bad sample \"1:0\": behind ':' stands a number of lines, 1 to "
       "1000000; allowed: RANGES:LINES, such as 1:10 or 1,3-4:10\n"},
      {{.global = R"({"log": ["global"]})"},
       "f:1:21: error: global.log[0]: bad log destination \"global\": no such destination; allowed: stdout, "
       "file:/PATH, udp://HOST:PORT, unix:/PATH\n"},
      {{.defaults = R"({"log": ["none", "stdout"]})"},
       "f:1:36: error: defaults.log: none stands alone: other targets would get lines\n"},
      {{.defaults = R"({"log": [{"to": "global", "level": "info"}, {"to": "stdout", "level": "info"}]})"},
       "f:1:54: error: defaults.log[0].level: has no effect unless to is a destination of its own\n"},
      {{.defaults = R"({"log": [{"to": "none", "facility": "local1"}]})"},
       "f:1:52: error: defaults.log[0].facility: has no effect unless to is a destination of its own whose "
       "format is local, rfc3164, rfc5424 or priority\n"},
      {{.defaults = R"({"keep_alive": {"idle": "1s"}})"},
       "f:1:44: error: defaults.keep_alive.idle: has no effect unless enabled is true\n"},
      {{.defaults = R"({"balance": {"draws": 3}})"},
       "f:1:41: error: defaults.balance.draws: has no effect unless the algorithm is random\n"},
      {{.defaults = R"({"check": {"type": "none", "rise": 3}})"},
       "f:1:55: error: defaults.check.rise: has no effect unless the type is other than none\n"},
      {{.backend = R"(, "on_marked_down": "none")"},
       "f:3:75: error: backends.b.on_marked_down: has no effect unless the backend has a check\n"},
      {{.backend = R"(, "default_server": {"check": true})"},
       "f:3:94: error: backends.b.default_server.check: has no effect unless the backend has a check\n"},
      {{.backend = R"(, "default_server": {"on_marked_down": "none"})"},
       "f:3:94: error: backends.b.default_server.on_marked_down: has no effect unless something tells the "
       "server's health: "
       "a check of its backend, agent_check or track\n"},
      {{.server = R"(, "check": true)"},
       "f:3:73: error: backends.b.servers[0].check: has no effect unless the backend has a check\n"},
      {{.backend = R"(, "check": {})", .server = R"(, "check": false, "on_marked_down": "none")"},
       "f:3:89: error: backends.b.servers[0].on_marked_down: has no effect unless something tells the "
       "server's health: "
       "a check of its backend, agent_check or track\n"},
  };
  for (const Row& row : rows) CHECK(faults_of(file_with(row.parts)) == row.fault);
}

TEST_CASE("a key in the wrong place is sent to the right one") {
  CHECK(faults_of(file_with({.frontend = R"(, "timeouts": {"connect": "1s"})"})) ==
        "f:2:88: error: frontends.f.timeouts.connect: has no effect here; it belongs in defaults.timeouts or "
        "backends.NAME.timeouts; allowed: client, client_fin, client_hs, http_request, http_keep_alive, "
        "tarpit\n");
  CHECK(faults_of(file_with({.backend = R"(, "timeouts": {"client": "1s"})"})) ==
        "f:3:88: error: backends.b.timeouts.client: has no effect here; it belongs in defaults.timeouts or "
        "frontends.NAME.timeouts; allowed: connect, queue, server, server_fin, check, tunnel\n");
}

TEST_CASE("who writes as in HAProxy is shown the form") {
  CHECK(faults_of(file_with({.bind = R"(":80")"})) ==
        "f:2:30: error: frontends.f.bind[0]: expected an object such as {\"address\": \":80\"}, found a "
        "string\n");
  CHECK(faults_of(file_with({.backend = R"(, "stick": "on src")"})) ==
        "f:3:84: error: backends.b.stick: expected a list such as [{\"on\": \"src\"}], found a string\n");
  const std::string faults = faults_of(file_with(
      {.frontend = R"(, "mode": "http", "http_request": [{"action": "set-map(hosts.map) %[src] 1"}])"}));
  CHECK(faults.find("did you mean \"set-map\"?") != std::string::npos);
}

TEST_CASE("one fault does not cause another") {
  // The address decides whether mode has an effect; a faulty one decides nothing.
  CHECK(faults_of(file_with({.bind = R"({"address": "unix:x", "mode": "0600"})"})) ==
        "f:2:42: error: frontends.f.bind[0].address: bad address \"unix:x\": a UNIX socket is an absolute "
        "path or @ and "
        "a name; allowed: IP:PORT, [IPV6]:PORT, :PORT, HOST:PORT, unix:/PATH, unix:@NAME, fd@N\n");
  // A check that cannot be read is still meant as one.
  CHECK(faults_of(file_with(
            {.backend = R"(, "check": [], "on_marked_down": "none")", .server = R"(, "check": true)"})) ==
        "f:3:99: error: backends.b.check: expected an object such as {\"type\": \"http\", \"interval\": "
        "\"2s\"}, "
        "found a list\n");
}

TEST_CASE("all faults are reported in one pass, in the order of the file") {
  const std::string faults = faults_of(file_with({.global = R"({"pin": 1, "reactor": 2})",
                                                  .defaults = R"({"mode": "mysql"})",
                                                  .bind = R"({"adress": ":80"})",
                                                  .server = R"(, "weight": 257)"}));
  CHECK(faults ==
        "f:1:20: error: global.pin: expected true or false, found a number\n"
        "f:1:23: error: global.reactor: unknown key; allowed: reactors, pin, even_lanes, max_connections, "
        "drain_timeout, "
        "log, log_tag, log_send_hostname, admin, "
        "tune; did you mean \"reactors\"?\n"
        "f:1:59: error: defaults.mode: \"mysql\" is not a known mode; allowed: tcp, http\n"
        "f:2:30: error: frontends.f.bind[0]: the key \"address\" is missing\n"
        "f:2:31: error: frontends.f.bind[0].adress: unknown key; allowed: address, name, interface, "
        "transparent, "
        "freebind, mark, tos, backlog, "
        "defer_accept, "
        "max_segment, ipv6_only, mode, accept_proxy, tls; did you mean \"address\"?\n"
        "f:3:83: error: backends.b.servers[0].weight: 257 is out of range; allowed: 0 to 256\n");
}

TEST_CASE("names are limited to what paths, logs and statistics can hold") {
  CHECK(faults_of(R"({"frontends": {"a b": {"bind": [{"address": ":1"}], "default_backend": "b"}},
                      "backends": {"b": {"servers": [{"name": "", "address": "h:1"}]}}})") ==
        "f:1:16: error: frontends[\"a b\"]: \"a b\" is not a name: a name is made of letters, digits and any "
        "of _ . : -, "
        "at most 128 of them\n"
        "f:2:63: error: backends.b.servers[0].name: \"\" is not a name: a name is made of letters, digits "
        "and any of _ . "
        ": -, at most 128 of them\n");
}

}  // namespace
}  // namespace corelane::config
