// SPDX-License-Identifier: Apache-2.0
#include "runtime/start_report.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace corelane;
using namespace corelane::runtime;

namespace {

StartReport report_of_two_servers() {
  StartReport report;
  report.version = "1.2.3";
  report.kernel = "6.18.0";
  report.io_uring = "io_uring single_issuer";
  report.lanes = 2;
  report.cpus = {0, 3};
  report.descriptors.limit = 20'000;
  report.descriptors.connections = 9000;
  report.descriptors.pipes_per_lane = 50;
  report.descriptors.derived = true;
  report.pipes_wanted = 50;
  report.listeners = {{"db", "0.0.0.0:3306", "bk", "leastconn"}};
  report.servers = {{"bk", "a", "10.0.0.1:3306", "", "UP, not checked", 10, false},
                    {"bk", "long", "db2:3306", "10.0.0.2:3306", "UP until checked, every 2s", 1, true}};
  report.admin = {"127.0.0.1:8404"};
  report.logs = {"stdout"};
  return report;
}

}  // namespace

TEST_CASE("the report for a terminal is aligned") {
  CHECK(start_report_text(report_of_two_servers()) ==
        "corelane 1.2.3 on Linux 6.18.0\n"
        "  io_uring     io_uring single_issuer\n"
        "  lanes        2, on CPU 0 3\n"
        "  connections  9000 at most (derived from 20000 file descriptors)\n"
        "  listen       db  0.0.0.0:3306  -> bk (leastconn)\n"
        "  server       bk/a     10.0.0.1:3306             weight 10   UP, not checked\n"
        "  server       bk/long  db2:3306 (10.0.0.2:3306)  weight 1    UP until checked, every 2s, backup\n"
        "  admin        127.0.0.1:8404\n"
        "  log          stdout\n");
}

TEST_CASE("fewer pipes than wanted are said") {
  StartReport report = report_of_two_servers();
  report.pipes_wanted = 64;
  CHECK(start_report_text(report).find("50 per lane instead of 64") != std::string::npos);
}

TEST_CASE("the report for a log is one line of JSON") {
  const std::string line = start_report_json(report_of_two_servers());
  CHECK(line.find('\n') == line.size() - 1);
  const nlohmann::json json = nlohmann::json::parse(line);
  CHECK(json["event"] == "start");
  CHECK(json["max_connections"] == 9000);
  CHECK(json["max_connections_derived"] == true);
  CHECK(json["listeners"][0]["backend"] == "bk");
  CHECK(json["servers"][1]["resolved"] == "10.0.0.2:3306");
  CHECK_FALSE(json["servers"][0].contains("resolved"));
}

TEST_CASE("a name that is not UTF-8 does not break the line") {
  StartReport report = report_of_two_servers();
  report.logs = {"file:/var/log/\xff"};
  CHECK_NOTHROW(start_report_json(report));
}

TEST_CASE("the report follows from the model") {
  config::Model model;
  model.frontends.resize(1);
  model.frontends[0].name = "db";
  model.frontends[0].default_backend = 0;
  model.backends.resize(1);
  model.backends[0].name = "bk";
  model.backends[0].check.interval_ms = 2000;
  model.backends[0].servers.resize(2);
  model.backends[0].servers[0].name = "a";
  model.backends[0].servers[0].address.text = "127.0.0.1:1";
  model.backends[0].servers[1].name = "b";
  model.backends[0].servers[1].check.enabled = true;
  model.backends[0].servers[1].address.kind = config::Address::Kind::host;
  model.backends[0].servers[1].address.text = "localhost:2";
  const auto address = io::SocketAddress::from_endpoint(*base::endpoint_from_ip("127.0.0.1", 2));
  StartReport report;
  start_report_fill(report, model, {{0, 0, "0.0.0.0:5", {}}}, {{address, address}});
  REQUIRE(report.listeners.size() == 1);
  CHECK(report.listeners[0].address == "0.0.0.0:5");
  CHECK(report.listeners[0].backend == "bk");
  REQUIRE(report.servers.size() == 2);
  CHECK(report.servers[0].health == "UP, not checked");
  CHECK(report.servers[0].resolved == "");
  CHECK(report.servers[1].health == "UP until checked, every 2s");
  CHECK(report.servers[1].resolved == "127.0.0.1:2");
}
