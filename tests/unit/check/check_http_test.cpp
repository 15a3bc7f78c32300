// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "check/http_answer.hpp"
#include "check/websocket.hpp"
#include "script.hpp"

using namespace corelane::check;

namespace {

const std::string plain_request =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: corelane\r\nConnection: close\r\n\r\n";

std::string answer(const std::string& status, const std::string& body = "", const std::string& fields = "") {
  return "HTTP/1.1 " + status + "\r\n" + fields + fmt::format("Content-Length: {}\r\n\r\n", body.size()) +
         body;
}

struct Row {
  const char* what;
  std::vector<ServerSide> server;
  std::string verdict;
};

void check_rows(const Options& options, const std::vector<Row>& rows, std::string_view type = "http") {
  const Plan plan(type_named(type), options);
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(verdict_text(play_every_way(plan, row.server).verdict) == row.verdict);
  }
}

void check_expectation(const std::string& expect, const std::vector<Row>& rows) {
  CAPTURE(expect);
  Options options;
  options.expect = expect;
  check_rows(options, rows);
}

ScriptStep connect_step(std::uint32_t port = 0) {
  ScriptStep step;
  step.connect = ConnectOptions{.port = port, .linger = {}, .tls = {}};
  return step;
}
ScriptStep request(const std::string& uri, const std::string& comment = "") {
  ScriptStep step;
  step.request.emplace().uri = uri;
  step.comment = comment;
  return step;
}
ScriptStep expect(const std::string& text, const std::string& comment = "") {
  ScriptStep step;
  step.expect = text;
  step.comment = comment;
  return step;
}

}  // namespace

TEST_CASE("a plain http check wants an answer 2xx or 3xx") {
  const Options options;
  CHECK(play_every_way(Plan(type_named("http"), options), {{answer("200 OK")}}).sent == plain_request);
  check_rows(options,
             {
                 {"fine", {{answer("200 OK")}}, "L7OK/200/"},
                 {"moved", {{answer("301 Moved")}}, "L7OK/301/"},
                 {"not found", {{answer("404 Not Found", "gone")}}, "L7STS/404/Not Found"},
                 {"broken", {{answer("500 Internal Server Error")}}, "L7STS/500/Internal Server Error"},
                 {"no reason", {{"HTTP/1.1 503\r\n\r\n"}}, "L7STS/503/"},
                 {"HTTP/1.0 until the end", {{"HTTP/1.0 200 OK\r\n\r\nall is", true}}, "L7OK/200/"},
                 {"a body that stays away is not waited for",
                  {{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}},
                  "L7OK/200/"},
                 {"interim answers",
                  {{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n" +
                    answer("204 No Content")}},
                  "L7OK/204/"},
                 {"an upgrade nobody asked for",
                  {{"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"}},
                  "L7STS/101/Switching Protocols"},
                 {"another protocol", {{"SSH-2.0-x\r\n"}}, "L7RSP/0/bad_version"},
                 {"a part of a line",
                  {{"HTTP/1.0 2", true}},
                  "L7RSP/0/connection closed by the server (expect status 200-399)"},
                 {"a part of a head",
                  {{"HTTP/1.1 200 OK\r\nA: b\r\n", true}},
                  "L7RSP/0/connection closed by the server (expect status 200-399)"},
                 {"nothing", {{"", true}}, "L7RSP/0/connection closed by the server (expect status 200-399)"},
                 {"silence", {{"HTTP/1.1 200 OK\r\n"}}, "L7TOUT/0/(expect status 200-399)"},
                 {"two lengths",
                  {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}},
                  "L7RSP/0/repeated_content_length"},
             });
}

TEST_CASE("interim answers and heads have limits") {
  std::string interim;
  for (std::uint32_t i = 0; i <= http_interim_answers_max; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  check_rows({}, {{"too many", {{interim}}, "L7RSP/0/too_many_interim_answers"},
                  {"too long a head",
                   {{"HTTP/1.1 200 OK\r\nA: " + std::string(20000, 'a')}},
                   "L7RSP/0/head_too_large"}});
}

TEST_CASE("the request says what is configured") {
  Options options;
  options.method = "POST";
  options.uri = "/check?deep=1";
  options.host = "www.example";
  options.headers = {{"Accept", "text/plain"}, {"user-agent", "probe"}};
  options.body = "ping";
  const auto sent = [&options] {
    return play_every_way(Plan(type_named("http"), options), {{answer("200 OK")}}).sent;
  };
  CHECK(sent() ==
        "POST /check?deep=1 HTTP/1.1\r\nHost: www.example\r\nAccept: text/plain\r\nuser-agent: probe\r\n"
        "Content-Length: 4\r\nConnection: close\r\n\r\nping");
  options.version = corelane::proto::HttpVersion::http10;
  options.headers.clear();
  options.body.clear();
  CHECK(sent() ==
        "POST /check?deep=1 HTTP/1.0\r\nHost: www.example\r\nUser-Agent: corelane\r\nContent-Length: "
        "0\r\n\r\n");
}

TEST_CASE("without a host the request names where it goes") {
  using corelane::base::Endpoint;
  using corelane::base::endpoint_from_ip;
  const Options options;
  const Plan plan(type_named("http"), options);
  const auto host = [&plan](const Endpoint& peer) {
    CheckRun run(plan);
    const std::string sent = run.connected(peer).send;
    const std::size_t at = sent.find("Host: ") + 6;
    return sent.substr(at, sent.find("\r\n", at) - at);
  };
  CHECK(host(*endpoint_from_ip("10.0.0.1", 8080)) == "10.0.0.1:8080");
  CHECK(host(*endpoint_from_ip("10.0.0.1", 80)) == "10.0.0.1");
  CHECK(host(*endpoint_from_ip("::1", 8080)) == "[::1]:8080");
  CHECK(host(*endpoint_from_ip("::1", 80)) == "[::1]");
  CHECK(host({.ip = {}, .port = 0, .family = corelane::base::Family::unix_socket}) == "localhost");
}

TEST_CASE("an answer to HEAD has no body") {
  Options options;
  options.method = "HEAD";
  options.steps = {};
  check_rows(options, {{"a length", {{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}}, "L7OK/200/"}});
  options.expect = "string x";
  check_rows(options, {{"a body is expected",
                        {{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}},
                        "L7RSP/0/HTTP content check could not find a response body"}});
}

TEST_CASE("statuses") {
  check_expectation("status 200-299,304", {{"first", {{answer("200 OK")}}, "L7OK/200/"},
                                           {"last", {{answer("299 Odd")}}, "L7OK/299/"},
                                           {"single", {{answer("304 Not Modified")}}, "L7OK/304/"},
                                           {"between", {{answer("301 Moved")}}, "L7STS/301/Moved"}});
  check_expectation("! status 500", {{"other", {{answer("404 Not Found")}}, "L7OK/404/"},
                                     {"that one", {{answer("500 Oops")}}, "L7STS/500/Oops"}});
  check_expectation("rstatus ^4..$", {{"match", {{answer("404 Not Found")}}, "L7OK/404/"},
                                      {"none", {{answer("200 OK")}}, "L7STS/200/OK"}});
}

TEST_CASE("contents") {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7;x=y\r\nall is \r\n1\r\no\r\n1\r\nK\r\n0\r\nA: "
      "b\r\n\r\n";
  check_expectation(
      "string oK",
      {
          {"by length", {{answer("200 OK", "all is oK")}}, "L7OK/200/"},
          {"the status does not matter", {{answer("500 Oops", "all is oK")}}, "L7OK/500/"},
          {"over chunks", {{chunked}}, "L7OK/200/"},
          {"until the end, before it", {{"HTTP/1.1 200 OK\r\n\r\nall is oK"}}, "L7OK/200/"},
          {"in the head is not in the body",
           {{answer("200 oK", "no", "X: oK\r\n")}},
           "L7RSP/0/HTTP content check did not match"},
          {"no body", {{answer("200 OK")}}, "L7RSP/0/HTTP content check could not find a response body"},
          {"until the end",
           {{"HTTP/1.1 200 OK\r\n\r\nno", true}},
           "L7RSP/0/HTTP content check did not match"},
          {"cut off",
           {{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nall", true}},
           "L7RSP/0/connection closed by the server (expect string oK)"},
          {"late", {{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nall"}}, "L7TOUT/0/(expect string oK)"},
          {"bad chunks after it",
           {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\noK\r\nzz"}},
           "L7OK/200/"},
          {"bad chunks before it",
           {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\nzz\r\nK"}},
           "L7RSP/0/bad_chunk_size"},
      });
  check_expectation(
      "! string error",
      {{"clean", {{answer("200 OK", "fine")}}, "L7OK/200/"},
       {"found", {{answer("200 OK", "an error")}}, "L7RSP/0/HTTP check matched unwanted content"},
       {"no body", {{answer("200 OK")}}, "L7RSP/0/HTTP content check could not find a response body"},
       {"not all of it came",
        {{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine"}},
        "L7TOUT/0/(expect ! string error)"}});
  check_expectation("rstring [oO][kK]",
                    {{"found", {{answer("200 OK", "it is Ok")}}, "L7OK/200/"},
                     {"not", {{answer("200 OK", "no")}}, "L7RSP/0/HTTP content check did not match"}});
}

TEST_CASE("a bounded part of a body is looked at") {
  Options options;
  options.expect = "string oK";
  const Plan plan(type_named("http"), options);
  const auto verdict = [&plan](std::size_t before) {
    return verdict_text(
        play(plan, {{answer("200 OK", std::string(before, 'x') + "oK" + std::string(9000, 'x'))}}, 1000)
            .verdict);
  };
  CHECK(verdict(http_body_bytes_max - 2) == "L7OK/200/");
  CHECK(verdict(http_body_bytes_max - 1) == "L7RSP/0/HTTP content check did not match");
}

TEST_CASE("fields") {
  const std::string fields = "X-Health: green\r\nx-health: a, \"b, c\"\r\n";
  const auto rows = [&fields](const std::string& verdict) {
    return std::vector<Row>{{"with", {{answer("200 OK", "", fields)}}, verdict}};
  };
  const std::string passed = "L7OK/200/";
  const std::string failed = "L7STS/200/HTTP header check did not match";
  check_expectation("hdr name X-HEALTH", rows(passed));
  check_expectation("hdr name X-Other", rows(failed));
  check_expectation("! hdr name X-Other", rows(passed));
  check_expectation("! hdr name X-Health value green", rows("L7STS/200/HTTP check matched unwanted header"));
  check_expectation("hdr name X-Health value green", rows(passed));
  check_expectation("hdr name X-Health value Green", rows(failed));
  check_expectation("hdr name X-Health value a", rows(passed));
  check_expectation("hdr name X-Health value \"b, c\"", rows(passed));
  check_expectation("fhdr name X-Health value a", rows(failed));
  check_expectation("fhdr name X-Health value a, \"b, c\"", rows(passed));
  check_expectation("hdr name -m beg x-hea value -m end een", rows(passed));
  check_expectation("hdr name -m sub HEAL value -m reg ^g.e+n$", rows(passed));
  check_expectation("hdr name -m reg ^X-H value -m sub ree", rows(passed));
  check_expectation("hdr name -m end -healt value green", rows(failed));
}

TEST_CASE("disable_on_404 whatever is expected") {
  Options options;
  options.disable_on_404 = true;
  for (const char* expect : {"", "status 200", "! status 404", "string gone", "string here"}) {
    CAPTURE(expect);
    options.expect = expect;
    check_rows(options, {{"404", {{answer("404 Not Found", "gone")}}, "L7OKC/404/Not Found"}});
  }
  options.expect = "status 200";
  check_rows(options, {{"another", {{answer("500 Oops")}}, "L7STS/500/Oops"},
                       {"fine", {{answer("200 OK")}}, "L7OK/200/"}});
}

TEST_CASE("requests share a connection as long as the server keeps it") {
  Options options;
  options.steps = {request("/a"), expect("string one"),  expect("status 200"), request("/b", "the second"),
                   request("/c"), expect("string three")};
  const Plan plan(type_named("http"), options);
  const auto asks = [](const std::string& uri, bool last = false) {
    return "GET " + uri + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: corelane\r\n" +
           (last ? "Connection: close\r\n" : "") + "\r\n";
  };
  const std::string one = answer("200 OK", "one, and more");
  const std::string close = "Connection: close\r\n";
  const std::string three = answer("200 OK", "three");
  Played played = play_every_way(plan, {{one + answer("204 No Content") + three}});
  CHECK(played.sent == asks("/a") + asks("/b") + asks("/c", true));
  CHECK(verdict_text(played.verdict) == "L7OK/200/");

  played = play_every_way(plan, {{answer("200 OK", "one", close)}, {"HTTP/1.0 302 Found\r\n\r\n"}, {three}});
  CHECK(played.sent == asks("/a") + "|" + asks("/b") + "|" + asks("/c", true));
  CHECK(verdict_text(played.verdict) == "L7OK/200/");

  played = play_every_way(plan, {{one + answer("503 Busy")}});
  CHECK(verdict_text(played.verdict) == "L7STS/503/Busy at step 4 comment: the second");
  played = play_every_way(plan, {{one + answer("204 No Content") + answer("200 OK", "four")}});
  CHECK(verdict_text(played.verdict) == "L7RSP/0/HTTP content check did not match at step 6");
  played = play_every_way(plan, {{one, true}});
  CHECK(verdict_text(played.verdict) ==
        "L7RSP/0/connection closed by the server at step 4 of http-check (expect status 200-399) comment: "
        "'the second'");
}

TEST_CASE("a script may go to several ports") {
  Options options;
  options.steps = {connect_step(81), request("/a"), connect_step(82), request("/b"), expect("status 404")};
  const Plan plan(type_named("http"), options);
  CHECK(plan.first_connection().port == 81);
  const Played played = play_every_way(plan, {{answer("200 OK")}, {answer("404 Not Found")}});
  CHECK(verdict_text(played.verdict) == "L7OK/404/");
  CheckRun run(plan);
  CHECK(run.failed(CheckStatus::l4_connect, "Connection refused").text ==
        "Connection refused at step 1 of http-check (connect port 81)");
  run.connected();
  const Step step = run.received(answer("200 OK"));
  CHECK(step.kind == Step::Kind::connect);
  CHECK(step.connect.port == 82);
  CHECK(run.failed(CheckStatus::l4_connect, "Connection refused").text ==
        "Connection refused at step 3 of http-check (connect port 82)");
}

TEST_CASE("a connection that cannot be made") {
  Options options;
  CHECK(CheckRun(Plan(type_named("http"), options))
            .failed(CheckStatus::l4_connect, "Connection refused")
            .text == "Connection refused");
  options.steps = {request("/")};
  const Plan plan(type_named("http"), options);
  CHECK(CheckRun(plan).failed(CheckStatus::l4_connect, "Connection refused").text ==
        "Connection refused at initial connection step of http-check");
}

TEST_CASE("a server that has not said all is left when it has") {
  const Options options;
  const Plan plan(type_named("http"), options);
  const auto awaits_end = [&plan](const std::string& bytes) {
    CheckRun run(plan);
    run.connected();
    const Step step = run.received(bytes);
    REQUIRE(step.kind == Step::Kind::done);
    return step.awaits_end;
  };
  CHECK_FALSE(awaits_end(answer("200 OK", "all")));
  CHECK(awaits_end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nall"));
  CHECK(awaits_end("HTTP/1.1 500 Oops\r\n\r\nall"));
}

TEST_CASE("a websocket is opened and closed") {
  Options options;
  options.uri = "/chat";
  options.host = "chat.example";
  options.headers = {{"Origin", "https://chat.example"}};
  const std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: "
      "Upgrade\r\nSec-WebSocket-Accept: ";
  const std::string accepted = head + std::string(websocket_accept) + "\r\n\r\n";
  const Played played = play_every_way(Plan(type_named("websocket"), options), {{accepted + "\x81\x02hi"}});
  CHECK(played.sent ==
        "GET /chat HTTP/1.1\r\nHost: chat.example\r\nUser-Agent: corelane\r\nOrigin: https://chat.example\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: Q29yZWxhbmUgY2hlY2tzIQ==\r\n\r\n\x88\x82\x12\x34\x56\x78\x11\xdc");
  check_rows(options,
             {
                 {"accepted", {{accepted}}, "L7OK/101/"},
                 {"refused", {{answer("403 Forbidden", "no")}}, "L7STS/403/Forbidden"},
                 {"not upgraded", {{answer("200 OK")}}, "L7STS/200/OK"},
                 {"another key's",
                  {{head + "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"}},
                  "L7RSP/0/Sec-WebSocket-Accept does not answer the key"},
                 {"no answer to the key",
                  {{"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"}},
                  "L7RSP/0/101 without Sec-WebSocket-Accept"},
                 {"another protocol",
                  {{"HTTP/1.1 101 x\r\nUpgrade: mqtt\r\nConnection: upgrade\r\n\r\n"}},
                  "L7RSP/0/101 without an upgrade to websocket"},
                 {"the end", {{"", true}}, "L7RSP/0/connection closed by the server (expect status 101)"},
             },
             "websocket");
}
