// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "sample.hpp"

namespace corelane::config {
namespace {

std::string faults_of_check(const std::string& check) {
  const std::string text = faults_of(file_with({.backend = ", \"check\": " + check}));
  const std::size_t message = text.find("error: ");
  return message == text.npos ? text : text.substr(message + 7);
}

Check check_from(const std::string& check) {
  return sound_model(file_with({.backend = ", \"check\": " + check})).backends[0].check;
}

TEST_CASE("a script's bytes are read and written") {
  const Check check = check_from(R"({"steps": [{"send_binary": "00fF"}, {"expect": "a\r\n"}]})");
  REQUIRE(check.steps.size() == 2);
  CHECK(check.steps[0].send_binary == std::string("\0\xff", 2));
  CHECK(check.steps[1].expect == "a\r\n");
  CHECK(dump(sound_model(file_with({.backend = R"(, "check": {"steps": [{"send_binary": "00fF"}]})"})))
            .find(R"("send_binary": "00ff")") != std::string::npos);
}

TEST_CASE("a step does one thing") {
  CHECK(faults_of_check(R"({"steps": [{"send": "a", "expect": "b"}]})") ==
        "backends.b.check.steps[0]: a step does one thing, this has several; allowed: connect, send, "
        "send_binary, expect, expect_binary, expect_regex\n");
  CHECK(faults_of_check(R"({"steps": [{"comment": "a"}]})").find("this has none") != std::string::npos);
  CHECK(faults_of_check(R"({"steps": [{"send": "a", "negate": true}]})") ==
        "backends.b.check.steps[0].negate: has no effect unless the step expects something\n");
}

TEST_CASE("what a script cannot hold") {
  CHECK(faults_of_check(R"({"steps": [{"expect_regex": "(a"}]})") ==
        "backends.b.check.steps[0].expect_regex: missing ): (a\n");
  for (const char* hex : {"0", "0g", "0x"}) {
    CAPTURE(hex);
    CHECK(faults_of_check(std::string(R"({"steps": [{"send_binary": ")") + hex + "\"}]}")
              .find("is not bytes in hexadecimal") != std::string::npos);
  }
  CHECK(faults_of_check(R"({"type": "redis", "steps": [{"send": "a"}]})") ==
        "backends.b.check.steps: has no effect unless the type is tcp\n");
}

TEST_CASE("words of HAProxy lead to the key") {
  CHECK(faults_of_check(R"({"steps": [{"rstring": "a"}]})").find(R"(did you mean "expect_regex"?)") !=
        std::string::npos);
}

TEST_CASE("a script that is handed down goes with its type, and is replaced by the backend's own") {
  const std::string defaults = R"({"check": {"steps": [{"send": "a"}, {"expect": "b"}]}})";
  const auto check = [&](const std::string& own) {
    return sound_model(file_with({.defaults = defaults, .backend = ", \"check\": " + own})).backends[0].check;
  };
  CHECK(check("{}").steps.size() == 2);
  CHECK(check(R"({"type": "redis"})").steps.empty());
  CHECK(check(R"({"steps": [{"send": "c"}]})").steps.size() == 1);
}

TEST_CASE("what is asked of a database needs a user") {
  CHECK(faults_of_check(R"({"type": "mysql", "query": "SELECT 1"})") ==
        "backends.b.check.query: has no effect unless the type is mysql and there is a user\n");
  CHECK(faults_of_check(R"({"type": "mysql", "user": "u", "expect": "1"})") ==
        "backends.b.check.expect: has no effect unless there is a query\n");
  const Check check = check_from(R"({"type": "mysql", "user": "u", "read_only": false})");
  CHECK(check.read_only == false);
  CHECK(check.max_replication_lag_ms == 0);
}

TEST_CASE("pgsql needs a user") {
  CHECK(faults_of_check(R"({"type": "pgsql"})") ==
        "backends.b.check: the type pgsql needs the key \"user\"\n");
  CHECK(check_from(R"({"type": "pgsql", "user": "u"})").database.empty());
  CHECK(check_from(R"({"type": "smtp"})").domain == "localhost");
}

}  // namespace
}  // namespace corelane::config
