// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

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
        "backends.b.check.steps[0]: a step does one thing, this has several; allowed: connect, request, "
        "send, send_binary, expect, expect_binary, expect_regex\n");
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
        "backends.b.check.steps: has no effect unless the type is tcp or http\n");
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
        "backends.b.check.expect: has no effect unless the type is http and there are no steps, or mysql and "
        "there is a query\n");
  const Check check = check_from(R"({"type": "mysql", "user": "u", "read_only": false})");
  CHECK(check.read_only == false);
  CHECK(check.max_replication_lag_ms == 0);
}

TEST_CASE("an http check") {
  const Check check = check_from(
      R"({"type": "http", "method": "POST", "uri": "/app?a=b", "version": "HTTP/1.0", "host": "www.example:81",
          "headers": {"Accept": "text/plain", "Authorization": "Bearer x"}, "body": "ping",
          "expect": "! rstring [eE]rror", "disable_on_404": true})");
  CHECK(check.method == "POST");
  CHECK(check.version == proto::HttpVersion::http10);
  REQUIRE(check.headers.size() == 2);
  CHECK(check.headers[1] == check::HttpHeader{"Authorization", "Bearer x"});
  CHECK(check.expect == "! rstring [eE]rror");
  CHECK(check.disable_on_404);
  const Check plain = check_from(R"({"type": "http"})");
  CHECK(plain.method == "GET");
  CHECK(plain.uri == "/");
  CHECK(plain.version == proto::HttpVersion::http11);
  CHECK(check_from(R"({"type": "websocket", "uri": "/chat", "host": "chat.example"})").uri == "/chat");
}

TEST_CASE("faults of an http check name place and near miss") {
  struct Row {
    const char* check;
    const char* fault;
  };
  for (const Row& row : {
           Row{R"({"type": "http", "expect": "staus 200"})",
               "backends.b.check.expect: \"staus\" is not something to expect of an answer; allowed: status, "
               "rstatus, "
               "string, rstring, hdr, fhdr; did you mean \"status\"?\n"},
           Row{R"({"type": "http", "expect": "status 2xx"})",
               "backends.b.check.expect: \"2xx\" is not a status or a range of them; allowed: 100 to 599, "
               "200-299, "
               "200-299,304\n"},
           Row{R"({"type": "http", "method": "GET IT"})",
               "backends.b.check.method: \"GET IT\" is not a method\n"},
           Row{R"({"type": "http", "method": "CONNECT"})",
               "backends.b.check.method: checks open no tunnels\n"},
           Row{R"({"type": "http", "host": "a b"})",
               "backends.b.check.host: \"a b\" is not a host with or without a port\n"},
           Row{R"({"type": "http", "uri": "http://a/b"})",
               "backends.b.check.uri: \"http://a/b\" begins with a host; give the path here and the host "
               "under host\n"},
           Row{R"({"type": "http", "headers": {"Host": "a"}})",
               "backends.b.check.headers.Host: the host stands under host\n"},
           Row{R"({"type": "http", "headers": {"Connection": "close"}})",
               "backends.b.check.headers.Connection: Connection is what the check says itself\n"},
           Row{R"({"type": "http", "headers": {"A": "b\r\nC: d"}})",
               "backends.b.check.headers.A: line ends and other control characters are not allowed here\n"},
           Row{R"({"type": "http", "headers": ["A: b"]})",
               "backends.b.check.headers: expected an object such as {\"Accept\": \"text/plain\"}, found a "
               "list\n"},
           Row{R"({"type": "http", "meth": "GET"})", nullptr},
           Row{R"({"type": "tcp", "uri": "/"})",
               "backends.b.check.uri: has no effect unless the type is websocket, or http and there are no "
               "steps\n"},
           Row{R"({"type": "websocket", "expect": "status 101"})",
               "backends.b.check.expect: has no effect unless the type is http and there are no steps, or "
               "mysql and "
               "there is a query\n"},
           Row{R"({"type": "redis", "disable_on_404": true})",
               "backends.b.check.disable_on_404: has no effect unless the type is http\n"},
       }) {
    CAPTURE(row.check);
    const std::string faults = faults_of_check(row.check);
    if (row.fault != nullptr)
      CHECK(faults == row.fault);
    else
      CHECK(faults.find("did you mean \"method\"?") != std::string::npos);
  }
  CHECK(faults_of_check(R"({"type": "http", "uri": "a b"})").find("is not what a GET can ask for") !=
        std::string::npos);
  CHECK(faults_of_check(R"({"type": "http", "uri": "*"})").find("is not what a GET can ask for") !=
        std::string::npos);
  CHECK(check_from(R"({"type": "http", "method": "OPTIONS", "uri": "*"})").uri == "*");
}

TEST_CASE("steps of http") {
  const Check check = check_from(R"({"type": "http", "steps": [
      {"connect": {"port": 81, "linger": false}}, {"request": {"uri": "/a", "host": "a"}}, {"expect": "status 200"},
      {"request": {"method": "HEAD"}, "comment": "again"}]})");
  REQUIRE(check.steps.size() == 4);
  CHECK(check.steps[0].connect->linger == false);
  CHECK(check.steps[1].request->uri == "/a");
  CHECK(check.steps[3].request->method == "HEAD");
  struct Row {
    const char* steps;
    const char* fault;
  };
  for (const Row& row : {
           Row{R"([{"expect": "status 200"}, {"request": {}}])",
               "backends.b.check.steps[0]: nothing is requested whose answer this could be\n"},
           Row{R"([{"request": {}}, {"connect": {}}, {"expect": "status 200"}])",
               "backends.b.check.steps[2]: nothing is requested whose answer this could be\n"},
           Row{R"([{"connect": {}}])", "backends.b.check.steps: no step makes a request\n"},
           Row{R"([{"request": {}}, {"expect": "rstring (a"}])",
               "backends.b.check.steps[1].expect: missing ): (a\n"},
           Row{R"([{"request": {"uri": "a"}}])", nullptr},
           Row{R"([{"request": {}}, {"send": "a"}])",
               "backends.b.check.steps[1].send: has no effect unless the type is tcp\n"},
       }) {
    CAPTURE(row.steps);
    const std::string faults = faults_of_check(fmt::format(R"({{"type": "http", "steps": {}}})", row.steps));
    if (row.fault != nullptr)
      CHECK(faults == row.fault);
    else
      CHECK(faults.find("backends.b.check.steps[0].request.uri: \"a\" is not what a GET") == 0);
  }
  CHECK(faults_of_check(R"({"steps": [{"request": {}}]})") ==
        "backends.b.check.steps[0].request: has no effect unless the type is http\n");
  CHECK(faults_of_check(R"({"type": "http", "uri": "/", "steps": [{"request": {}}]})")
            .find("has no effect unless the type is websocket") != std::string::npos);
}

TEST_CASE("what is handed down goes with its type") {
  const auto check = [](const std::string& handed_down, const std::string& own) {
    return sound_model(file_with({.defaults = handed_down, .backend = ", \"check\": " + own}))
        .backends[0]
        .check;
  };
  const std::string once = R"({"check": {"type": "http", "uri": "/a", "expect": "status 204"}})";
  CHECK(check(once, "{}").expect == "status 204");
  CHECK(check(once, R"({"type": "tcp"})").expect.empty());
  CHECK(check(once, R"({"type": "websocket"})").uri == "/a");
  const std::string script = R"({"check": {"steps": [{"send": "a"}, {"expect": "b"}]}})";
  CHECK(check(script, R"({"type": "http"})").steps.empty());
  const std::string sql = R"({"check": {"type": "mysql", "user": "u", "query": "SELECT 1", "expect": "1"}})";
  CHECK(check(sql, R"({"type": "http"})").expect.empty());
}

TEST_CASE("pgsql needs a user") {
  CHECK(faults_of_check(R"({"type": "pgsql"})") ==
        "backends.b.check: the type pgsql needs the key \"user\"\n");
  CHECK(check_from(R"({"type": "pgsql", "user": "u"})").database.empty());
  CHECK(check_from(R"({"type": "smtp"})").domain == "localhost");
}

}  // namespace
}  // namespace corelane::config
