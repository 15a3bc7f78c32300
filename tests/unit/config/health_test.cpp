// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sample.hpp"

namespace corelane::config {
namespace {

const std::string checked = R"(, "check": {})";

Server server_with(const std::string& backend, const std::string& server) {
  return sound_model(file_with({.backend = backend, .server = server})).backends[0].servers[0];
}

std::string fault_of_server(const std::string& backend, const std::string& server) {
  const std::string text = faults_of(file_with({.backend = backend, .server = server}));
  const std::size_t message = text.find("error: ");
  return message == text.npos ? text : text.substr(message + 7);
}

TEST_CASE("a check's place is handed down key by key") {
  const std::string defaults =
      checked + R"(, "default_server": {"check": {"port": 9, "address": "10.0.0.9"}})";
  const ServerCheck both = server_with(defaults, "").check;
  CHECK(both.enabled);
  CHECK(both.port == 9);
  CHECK(both.address.text == "10.0.0.9");
  const ServerCheck own = server_with(defaults, R"(, "check": {"address": "::1"})").check;
  CHECK(own.port == 9);
  CHECK(own.address.endpoint.family == base::Family::ipv6);
  CHECK(server_with(defaults, R"(, "check": false)").check == ServerCheck{});
}

TEST_CASE("an object means a check") {
  const std::string off = checked + R"(, "default_server": {"check": false})";
  CHECK(server_with(off, R"(, "check": {"port": 9})").check.enabled);
  CHECK(fault_of_server("", R"(, "check": {"port": 9})") ==
        "backends.b.servers[0].check: has no effect unless the backend has a check\n");
  const auto written = [](const std::string& server) {
    const Model model = sound_model(file_with({.backend = checked, .server = server}));
    return nlohmann::json::parse(dump(model))["backends"]["b"]["servers"][0]["check"];
  };
  CHECK(written("") == nlohmann::json{{"enabled", true}, {"port", 0}});
  CHECK(written(R"(, "check": false)") == false);
  CHECK(written(R"(, "check": {"port": 9})") == nlohmann::json{{"enabled", true}, {"port", 9}});
}

TEST_CASE("a check's place that nothing can reach") {
  const std::string place = "backends.b.servers[0].check";
  CHECK(fault_of_server(checked, R"(, "check": {"source": "10.0.0.2:1-9"})") ==
        place + ".source: takes no ports: the kernel chooses those of checks\n");
  CHECK(fault_of_server(checked, R"(, "check": {"address": "unix:/x", "port": 1})") ==
        place + ": port has no effect: unix:/x is a UNIX socket\n");
  CHECK(fault_of_server(checked, R"(, "check": {"address": "unix:/x", "source": "::1"})") ==
        place + ": unix:/x is a UNIX socket, which the source address ::1 cannot reach\n");
  CHECK(fault_of_server(checked, R"(, "check": {"send_proxy": true})") ==
        place + ": send_proxy has no effect unless the server has send_proxy\n");
  CHECK(fault_of_server(checked, R"(, "check": {"address": "[::1]"})").find("no brackets") !=
        std::string::npos);
}

}  // namespace
}  // namespace corelane::config
