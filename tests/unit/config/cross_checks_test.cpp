// SPDX-License-Identifier: Apache-2.0
#include "config/cross_checks.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sample.hpp"

namespace corelane::config {
namespace {

TEST_CASE("a listening socket belongs to one bind") {
  struct Row {
    Parts parts;
    std::string fault;
  };
  const Row rows[] = {
      {{.bind = R"({"address": ":80"}, {"address": "0.0.0.0:80"})"},
       "f:2:62: error: frontends.f.bind[1].address: the address 0.0.0.0:80 stands at "
       "frontends.f.bind[0].address already\n"},
      {{.bind = R"({"address": "[::1]:80"}, {"address": "[0::1]:80"})"},
       "f:2:67: error: frontends.f.bind[1].address: the address [::1]:80 stands at "
       "frontends.f.bind[0].address already\n"},
      {{.bind = R"({"address": "unix:/x"}, {"address": "unix:/x"})"},
       "f:2:66: error: frontends.f.bind[1].address: the address unix:/x stands at "
       "frontends.f.bind[0].address already\n"},
      {{.bind = R"({"address": "fd@7"}, {"address": "fd@07"})"},
       "f:2:63: error: frontends.f.bind[1].address: the address fd@7 stands at frontends.f.bind[0].address "
       "already\n"},
      {{.global = R"({"admin": {"bind": [":80"]}})"},
       "f:2:42: error: frontends.f.bind[0].address: the address 0.0.0.0:80 stands at global.admin.bind[0] "
       "already\n"},
      {{.bind = R"({"address": ":80", "interface": "eth0"}, {"address": ":80", "interface": "eth0"})"},
       "f:2:83: error: frontends.f.bind[1].address: the address 0.0.0.0:80 on eth0 stands at "
       "frontends.f.bind[0].address already\n"},
      {{.bind = R"({"address": ":80", "interface": "eth0"}, {"address": ":80", "interface": "eth1"})"}, ""},
      {{.bind =
            R"({"address": ":80"}, {"address": ":81"}, {"address": "127.0.0.1:80"}, {"address": "[::]:80"})"},
       ""},
  };
  for (const Row& row : rows) CHECK(faults_of(file_with(row.parts)) == row.fault);
}

constexpr std::string_view two_servers = R"({
"frontends": {"f": {"bind": [{"address": ":80"}], "default_backend": "b"}},
"backends": {"b": {"servers": [{"name": "s", "address": "h:1"},
                               {"name": "s", "address": "h:1"}]}}})";

TEST_CASE("a server's name is unique in its backend, its address need not be") {
  CHECK(faults_of(two_servers) ==
        "f:4:41: error: backends.b.servers[1].name: the server name s stands at backends.b.servers[0].name "
        "already\n");
}

std::string with_servers(std::string_view keys, int count, std::string_view first_weight) {
  std::string servers;
  for (int i = 0; i < count; ++i) {
    servers += fmt::format(R"({}{{"name": "s{}", "address": "h:1", "weight": {}}})", i == 0 ? "" : ",", i,
                           i == 0 ? first_weight : "200");
  }
  return fmt::format(R"({{
"frontends": {{"f": {{"bind": [{{"address": ":80"}}], "default_backend": "b"}}}},
"backends": {{"b": {{{}, "servers": [{}]}}}}}})",
                     keys, servers);
}

TEST_CASE("weights that would make a huge table are refused where there is one") {
  const std::string static_rr = R"("balance": "static-rr")";
  const std::string ring = R"("balance": "hash", "hash": "consistent")";
  CHECK(faults_of(with_servers(static_rr, 400, "200")) == "");
  CHECK(
      faults_of(with_servers(static_rr, 400, "199")) ==
      "f:3:44: error: backends.b.servers: the weights add up to 79999, divided by what they have in common; "
      "balance static-rr takes at most 65536\n");
  CHECK(faults_of(with_servers(ring, 327, "200")) == "");
  CHECK(faults_of(with_servers(ring, 400, "200")) ==
        "f:3:61: error: backends.b.servers: the weights add up to 80000; balance hash takes at most 65536\n");
  CHECK(faults_of(with_servers(R"("balance": "roundrobin")", 400, "199")) == "");
}

TEST_CASE("a slow start needs something that grows") {
  const auto faults = [](std::string_view balance, std::string_view server) {
    return faults_of(fmt::format(R"({{
"frontends": {{"f": {{"bind": [{{"address": ":80"}}], "default_backend": "b"}}}},
"backends": {{"b": {{"balance": {}, "servers": [{{"name": "s", "address": "h:1", "slow_start": "1m"{}}}]}}}}}})",
                                 balance, server));
  };
  for (const char* grows :
       {R"("roundrobin")", R"("leastconn")", R"("random")", R"("hash", "hash": "consistent")"}) {
    CHECK(faults(grows, "") == "");
  }
  CHECK(faults(R"("source")", R"(, "max_connections": 5)") == "");
  CHECK(
      faults(R"("source")", "") ==
      "f:3:85: error: backends.b.servers[0].slow_start: has no effect: the weights of balance source do not "
      "grow, and the server has no max_connections\n");
  CHECK(faults(R"("static-rr")", "").find("has no effect") != std::string::npos);
  CHECK(faults(R"("first")", "").find("has no effect") != std::string::npos);
}

TEST_CASE("a frontend leads to a backend that is there") {
  CHECK(faults_of(R"({"frontends": {"f": {"bind": [{"address": ":80"}], "default_backend": "bk_app"}},
"backends": {"bk_ap": {"servers": [{"name": "s", "address": "h:1"}]}}})") ==
        "f:1:71: error: frontends.f.default_backend: no backend is named \"bk_app\"; allowed: bk_ap; did you "
        "mean "
        "\"bk_ap\"?\n");
}

TEST_CASE("a limit that follows the load is made of three numbers") {
  struct Row {
    Parts parts;
    std::string fault;
  };
  const Row rows[] = {
      {{.backend = R"(, "full_connections": 20)",
        .server = R"(, "max_connections": 9, "min_connections": 3)"},
       ""},
      {{.server = R"(, "max_connections": 9, "min_connections": 3)"},
       "f:3:114: error: backends.b.servers[0].min_connections: has no effect unless the backend has "
       "full_connections\n"},
      {{.backend = R"(, "full_connections": 20)",
        .server = R"(, "max_connections": 9, "min_connections": 10)"},
       "f:3:114: error: backends.b.servers[0].min_connections: is more than max_connections\n"},
      {{.backend = R"(, "full_connections": 20)"},
       "f:3:95: error: backends.b.full_connections: has no effect unless a server has min_connections\n"},
  };
  for (const Row& row : rows) CHECK(faults_of(file_with(row.parts)) == row.fault);
}

TEST_CASE("what is hardly meant is a warning, and the model is there all the same") {
  struct Row {
    std::string text;
    std::string warning;
  };
  const Row rows[] = {
      {file_with({.server = R"(, "weight": 0)"}),
       "f:3:20: warning: backends.b.servers: no server gets connections: all weights are 0\n"},
      {file_with({.backend = R"(, "balance": "first")"}),
       "f:3:14: warning: backends.b: balance first fills a server up to its max_connections, but no server "
       "has one: only "
       "the first is used\n"},
      {R"({"frontends": {"f": {"bind": [{"address": ":80"}], "default_backend": "b"}},
"backends": {"b": {"servers": [{"name": "s", "address": "h:1"}]},
             "c": {"servers": [{"name": "s", "address": "h:1"}]}}})",
       "f:3:14: warning: backends.c: no frontend uses this backend\n"},
  };
  for (const Row& row : rows) {
    CHECK(faults_of(row.text) == row.warning);
    CHECK(load(row.text, "f").model.has_value());
  }
  CHECK(faults_of(file_with({.backend = R"(, "balance": "first")", .server = R"(, "max_connections": 9)"}))
            .empty());
}

TEST_CASE("errors keep warnings back") {
  CHECK(faults_of(file_with({.global = R"({"pin": 1})", .server = R"(, "weight": 0)"})) ==
        "f:1:20: error: global.pin: expected true or false, found a number\n");
}

}  // namespace
}  // namespace corelane::config
