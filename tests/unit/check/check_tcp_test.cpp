// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

using namespace corelane::check;

namespace {

ScriptStep connect_step(std::uint32_t port, std::string comment = {}) {
  ScriptStep step;
  step.connect = ConnectOptions{.port = port, .linger = false, .tls = {}};
  step.comment = std::move(comment);
  return step;
}
ScriptStep send(std::string text) {
  ScriptStep step;
  step.send = std::move(text);
  return step;
}
ScriptStep expect(std::string text, std::string comment = {}) {
  ScriptStep step;
  step.expect = std::move(text);
  step.comment = std::move(comment);
  return step;
}
ScriptStep expect_not(std::string text, std::uint32_t within = 0) {
  ScriptStep step = expect(std::move(text));
  step.negate = true;
  step.within = within;
  return step;
}
ScriptStep expect_regex(std::string text) {
  ScriptStep step;
  step.expect_regex = std::move(text);
  return step;
}
ScriptStep expect_binary(std::string bytes) {
  ScriptStep step;
  step.expect_binary = std::move(bytes);
  return step;
}

struct Row {
  const char* what;
  std::vector<ScriptStep> steps;
  std::vector<ServerSide> server;
  std::string sent;
  std::string verdict;
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Options options;
    options.steps = row.steps;
    const Plan plan(type_named("tcp"), options);
    const Played played = play_every_way(plan, row.server);
    CHECK(played.sent == row.sent);
    CHECK(verdict_text(played.verdict) == row.verdict);
  }
}

}  // namespace

TEST_CASE("a connection without steps is enough") {
  check_rows({{"plain", {}, {{""}}, "", "L4OK/0/"},
              {"only connects", {connect_step(1), connect_step(2)}, {{""}, {""}}, "|", "L4OK/0/"}});
}

TEST_CASE("steps are taken one after the other") {
  check_rows({
      {"the answer", {send("PING\r\n"), expect("+PONG")}, {{"+PONG\r\n"}}, "PING\r\n", "L7OK/0/(tcp-check)"},
      {"in the middle", {expect("PONG")}, {{"xxPOPONGxx"}}, "", "L7OK/0/(tcp-check)"},
      {"sends add up", {send("a"), send("b"), expect("c")}, {{"c"}}, "ab", "L7OK/0/(tcp-check)"},
      {"expects share the bytes", {expect("two"), expect("one")}, {{"one two"}}, "", "L7OK/0/(tcp-check)"},
      {"a send uses up what was matched",
       {expect("OK"), send("QUIT"), expect("OK")},
       {{"OK "}},
       "QUIT",
       "L7TOUT/0/at step 3 of tcp-check (expect string 'OK')"},
      {"but no more than that", {expect("a"), send("x"), expect("b")}, {{"ab"}}, "x", "L7OK/0/(tcp-check)"},
      {"a send at the end", {expect("a"), send("bye")}, {{"a"}}, "bye", "L7OK/0/(tcp-check)"},
      {"bytes",
       {expect_binary(std::string("\0\xff", 2))},
       {{std::string("x\0\xff", 3)}},
       "",
       "L7OK/0/(tcp-check)"},
      {"an expression", {expect_regex("^[a-c]+[0-9]")}, {{"abc7"}}, "", "L7OK/0/(tcp-check)"},
  });
}

TEST_CASE("what does not come is reported with its step and comment") {
  check_rows({
      {"another answer, and the end",
       {send("PING\r\n"), expect("+PONG", "ask it")},
       {{"-ERR\r\n", true}},
       "PING\r\n",
       "L7RSP/0/TCPCHK did not match content '+PONG' at step 2 comment: 'ask it'"},
      {"another answer, and silence",
       {expect("+PONG", "ask it")},
       {{"-ERR\r\n"}},
       "",
       "L7TOUT/0/at step 1 of tcp-check (expect string '+PONG') comment: 'ask it'"},
      {"an expression",
       {expect_regex("^\\+OK")},
       {{"no", true}},
       "",
       "L7RSP/0/TCPCHK did not match content '^\\+OK' at step 1"},
      {"bytes",
       {expect_binary("\x01\xab")},
       {{"no", true}},
       "",
       "L7RSP/0/TCPCHK did not match content '01ab' at step 1"},
      {"too much",
       {expect("x")},
       {{std::string(20000, 'y')}},
       "",
       "L7RSP/0/too long an answer at step 1 of tcp-check (expect string 'x')"},
      {"just in time",
       {expect("x")},
       {{std::string(received_bytes_max - 1, 'y') + "x"}},
       "",
       "L7OK/0/(tcp-check)"},
  });
}

TEST_CASE("what must not come") {
  check_rows({
      {"it comes",
       {expect_not("ERR")},
       {{"an ERR"}},
       "",
       "L7RSP/0/TCPCHK matched unwanted content 'ERR' at step 1"},
      {"it does not come", {expect_not("ERR"), expect("fine")}, {{"fine", true}}, "", "L7OK/0/(tcp-check)"},
      {"it may still come",
       {expect_not("ERR")},
       {{"fine"}},
       "",
       "L7TOUT/0/at step 1 of tcp-check (expect ! string 'ERR')"},
      {"at once after what a send waited for",
       {expect("a"), send("x"), expect_not("b")},
       {{"ab"}},
       "x",
       "L7RSP/0/TCPCHK matched unwanted content 'b' at step 3"},
      {"not among the first bytes", {expect_not("ERR", 4)}, {{"fineERR"}}, "", "L7OK/0/(tcp-check)"},
      {"among the first bytes",
       {expect_not("ERR", 4)},
       {{"xERR"}},
       "",
       "L7RSP/0/TCPCHK matched unwanted content 'ERR' at step 1"},
  });
}

TEST_CASE("every connection begins anew") {
  check_rows({
      {"two ports",
       {connect_step(1), expect("a"), connect_step(2), send("x"), expect("b")},
       {{"ab"}, {"b"}},
       "|x",
       "L7OK/0/(tcp-check)"},
      {"what the first said does not count",
       {connect_step(1), expect("a"), connect_step(2, "second"), expect("b")},
       {{"ab"}, {"c", true}},
       "|",
       "L7RSP/0/TCPCHK did not match content 'b' at step 4"},
  });
}

TEST_CASE("a connection that fails is reported with its step") {
  Options options;
  options.steps = {connect_step(1), expect("a"), connect_step(2, "second")};
  const Plan plan(type_named("tcp"), options);
  CHECK(plan.first_connection() == ConnectOptions{.port = 1, .linger = false, .tls = {}});
  CheckRun run(plan);
  CHECK(run.failed(CheckStatus::l4_connect, "Connection refused").text ==
        "Connection refused at step 1 of tcp-check (connect port 1)");
  run.connected();
  const Step step = run.received("a");
  CHECK(step.kind == Step::Kind::connect);
  CHECK(step.connect.port == 2);
  CHECK(run.failed(CheckStatus::l4_timeout, "").text ==
        "at step 3 of tcp-check (connect port 2) comment: 'second'");

  options.steps = {send("x")};
  const Plan implicit(type_named("tcp"), options);
  CHECK(CheckRun(implicit).failed(CheckStatus::l4_timeout, "").text ==
        "at initial connection step of tcp-check");
}
