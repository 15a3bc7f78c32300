// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "config/frontend_rules.hpp"
#include "config/node.hpp"
#include "sample.hpp"

/// What the file says about rules.
namespace corelane::config {
namespace {

std::string file_with_rules(const std::string& rules, std::string_view mode = "http") {
  return R"({"defaults": {"mode": ")" + std::string(mode) +
         R"("}, "frontends": {"f": {"bind": [{"address": ":80"}],
)" + rules +
         R"(, "default_backend": "app"}},
"backends": {"app": {"servers": [{"name": "s1", "address": "127.0.0.1:81"}]},
"img": {"servers": [{"name": "s1", "address": "127.0.0.1:82"}]}}})";
}

TEST_CASE("rules of a frontend") {
  const Model model = sound_model(file_with_rules(
      R"("acls": {"a": "path_beg /a", "b": ["path /b", "path /c"]},
"use_backend": [{"backend": "img", "if": "a !b"}, {"backend": "app", "unless": "b"}])"));
  const Frontend& frontend = model.frontends[0];
  CHECK(frontend.acls == std::vector<Acl>{{"a", {"path_beg /a"}}, {"b", {"path /b", "path /c"}}});
  REQUIRE(frontend.use_backend.size() == 2);
  CHECK(frontend.use_backend[0].backend == 1);
  CHECK(frontend.use_backend[0].when == When{"a !b", ""});
  CHECK(frontend.use_backend[1].when == When{"", "b"});
  CHECK(frontend.leads_to(0));
  CHECK(frontend.leads_to(1));
  CHECK_FALSE(frontend.leads_to(2));

  const auto refuse = [](const RulePlace&, const sample::Fault& fault) { FAIL(fault.message); };
  const auto rules = compile_rules(frontend, names_of(model.frontends, model.backends), refuse);
  REQUIRE(rules != nullptr);
  CHECK(rules->use_backend.size() == 2);
  CHECK(rules->use_backend[1].when.negated);
  CHECK_FALSE(rules->monitor_fail.has_value());
}

TEST_CASE("rules of tcp_request") {
  const Model model = sound_model(file_with_rules(
      R"("tcp_request": {"inspect_delay": "5s", "connection": [{"action": "reject", "if": "{ src 10.0.0.0/8 }"}],
"session": [{"action": "silent-drop", "unless": "{ src 10.0.0.0/8 }"}],
"content": [{"action": "accept", "if": "{ req.ssl_hello_type 1 }"}, {"action": "reject"}]},
"use_backend": [{"backend": "img", "if": "{ req.ssl_sni -m end .example }"}])",
      "tcp"));
  const Frontend& frontend = model.frontends[0];
  CHECK(frontend.inspect_delay_ms == 5000);
  CHECK(frontend.rules[rules::RuleList::tcp_request_connection].size() == 1);
  CHECK(frontend.rules[rules::RuleList::tcp_request_session][0].action == rules::Action::silent_drop);
  CHECK(frontend.rules[rules::RuleList::tcp_request_content].size() == 2);
  CHECK(sound_model(dump(model)) == model);
}

std::string file_with_backend(const std::string& backend, std::string_view name = "app") {
  return R"({"defaults": {"mode": "http"}, "frontends": {"f": {"bind": [{"address": ":80"}],
"use_backend": [{"backend": ")" +
         std::string(name) + R"(", "if": "{ path /x }"}], "default_backend": "app"}},
"backends": {"app": {)" +
         backend + R"("servers": [{"name": "s1", "address": "127.0.0.1:81", "cookie": "a"}]},
"tcp": {"mode": "tcp", "servers": [{"name": "s1", "address": "127.0.0.1:82"}]}}})";
}

TEST_CASE("which server, and a backend whose name is made") {
  const std::string_view cookie = R"("cookie": {"name": "S", "mode": "insert"}, )";
  const Model model = sound_model(file_with_backend(
      std::string(cookie) + R"("use_server": [{"server": "s1", "if": "{ path /y } { nbsrv ge 1 }"}],
"force_persist": "{ src 10.0.0.0/8 }", "ignore_persist": "{ path_beg /s }", )",
      "b_%[hdr(host),lower]"));
  CHECK(sound_model(dump(model)) == model);
  CHECK(model.frontends[0].use_backend[0].name == "b_%[hdr(host),lower]");
  CHECK(model.frontends[0].leads_to(0));
  const auto refuse = [](const RulePlace&, const sample::Fault& fault) { FAIL(fault.message); };
  const sample::Names names = names_of(model.frontends, model.backends);
  const auto rules = compile_rules(model.frontends[0], names, refuse);
  CHECK(rules->find_backend("app") == 0);
  CHECK(rules->find_backend("tcp") == no_index);
  CHECK(rules->find_backend("ap") == no_index);
  const auto of_backend = compile_rules(model.backends[0], names, refuse);
  CHECK(of_backend->use_server[0].server == 0);
  CHECK(of_backend->force_persist.has_value());

  struct FaultRow {
    std::string backend;
    std::string_view name;
    std::string_view fault;
  };
  const FaultRow rows[] = {
      {R"("use_server": [{"server": "s2"}], )", "app",
       "backends.app.use_server[0].server: no server of app is named \"s2\"; did you mean \"s1\"?"},
      {R"("use_server": [{"server": "s1", "if": "{ pathh /x }"}], )", "app",
       "backends.app.use_server[0].if: \"pathh\" is not a known sample fetch"},
      {R"("force_persist": "{ path /x }", )", "app",
       "backends.app.force_persist: has no effect unless there is a cookie"},
      {"", "b_%[hst]", "frontends.f.use_backend[0].backend: "},
      {"", "ap", "no backend is named \"ap\""},
  };
  for (const FaultRow& row : rows) {
    CAPTURE(row.backend);
    const std::string faults = faults_of(file_with_backend(row.backend, row.name));
    CAPTURE(faults);
    CHECK(faults.find(row.fault) != std::string::npos);
  }
}

TEST_CASE("a frontend without rules has nothing to evaluate") {
  const Model model = sound_model(file_with({}));
  const auto refuse = [](const RulePlace&, const sample::Fault& fault) { FAIL(fault.message); };
  CHECK(compile_rules(model.frontends[0], names_of(model.frontends, model.backends), refuse) == nullptr);
}

struct Row {
  std::string_view rules;
  std::string_view fault;  // line 2 is the rules' own
  std::string_view mode = "http";
};

TEST_CASE("faults of rules stand where they are in the file") {
  constexpr std::string_view img = R"("use_backend": [{"backend": "img"}])";
  constexpr Row rows[] = {
      {R"("use_backend": [{"backend": "img", "if": "{ be_name app }"}])",
       "f:2:45: error: frontends.f.use_backend[0].if: be_name needs the backend that was chosen, which is "
       "not "
       "there when a request's head has been read\n"},
      {R"("use_backend": [{"backend": "img", "if": "{ nbsrv lt 1 }"}])",
       "f:2:45: error: frontends.f.use_backend[0].if: nbsrv needs the backend that was chosen, which is not "
       "there when a request's head has been read\n"},
      {R"("use_backend": [{"backend": "img", "if": "{ pathh /x }"}])",
       "f:2:45: error: frontends.f.use_backend[0].if: \"pathh\" is not a known sample fetch; did you mean "
       "\"path\"?\n"},
      {R"("use_backend": [{"backend": "img", "if": "{ path_begin /x }"}])",
       "f:2:45: error: frontends.f.use_backend[0].if: \"path_begin\" is not a known sample fetch; did you "
       "mean "
       "\"path_beg\"?\n"},
      {R"("use_backend": [{"backend": "img", "if": "{ path \"é\\\\\" } x"}])",
       "f:2:62: error: frontends.f.use_backend[0].if: no ACL is named \"x\"\n"},
      {R"("use_backend": [{"backend": "imgs", "if": "{ path /x }"}])",
       "f:2:29: error: frontends.f.use_backend[0].backend: no backend is named \"imgs\"; allowed: app, img; "
       "did "
       "you mean \"img\"?\n"},
      {R"("use_backend": [{"backend": "img", "if": "TRUE", "unless": "FALSE"}])",
       "f:2:50: error: frontends.f.use_backend[0].unless: one of if and unless: `!` turns a term of a "
       "condition "
       "round\n"},
      {R"("use_backend": [{"backend": "img"}, {"backend": "app"}])",
       "f:2:37: error: frontends.f.use_backend[1]: is never reached: the rule before it has no condition\n"},
      {R"("use_backend": [{"backend": "img", "if": " "}])",
       "f:2:42: error: frontends.f.use_backend[0].if: expected a condition such as \"is_static or { path_beg "
       "/img "
       "}\", in one line of 1 to 8192 bytes\n"},
      {R"("use_backend": [{"backend": "img", "if": "{ path_beg /x }"}])",
       "f:2:45: error: frontends.f.use_backend[0].if: path needs the head of an HTTP request, which is not "
       "there "
       "when the backend of a TCP connection is chosen\n",
       "tcp"},
      {R"("acls": {"a": "src 10.0.0.0/99"}, "use_backend": [{"backend": "img", "if": "a"}])",
       "f:2:20: error: frontends.f.acls.a: bad network \"10.0.0.0/99\": the prefix is a number from 0 to "
       "32\n"},
      {R"("acls": {"a": ["src ::1", "path_reg ["]}, "use_backend": [{"backend": "img", "if": "a"}])",
       "f:2:37: error: frontends.f.acls.a[1]: bad regular expression \"[\": missing ]: [\n"},
      {R"("acls": {"or": "src ::1"}, "use_backend": [{"backend": "img"}])",
       "f:2:10: error: frontends.f.acls.or: \"or\" is a word of conditions\n"},
      {R"("acls": {"a": []}, "use_backend": [{"backend": "img"}])",
       "f:2:15: error: frontends.f.acls.a: an ACL without a test never holds\n"},
      {R"("acls": {"a": "path /"}, "use_backend": [{"backend": "img"}])",
       "f:2:10: warning: frontends.f.acls.a: no rule uses this ACL\n"},
      {R"("monitor_fail": "TRUE", "use_backend": [{"backend": "img"}])",
       "f:2:1: error: frontends.f.monitor_fail: has no effect unless there is a monitor_uri\n"},
      {R"("monitor_uri": "/x", "monitor_fail": "{ nbsrv(ap) 0 }", "use_backend": [{"backend": "img"}])",
       "f:2:47: error: frontends.f.monitor_fail: no backend is named \"ap\"; allowed: app, img; did you mean "
       "\"app\"?\n"},
      {R"("tcp_request": {"content": [{"action": "reject", "if": "{ res.len 0 }"}]})",
       "f:2:59: error: frontends.f.tcp_request.content[0].if: res.len needs the first bytes of a server, "
       "which is not there when a request's head has been read\n"},
      {R"("tcp_request": {"inspect_delay": "5s", "content": [{"action": "reject", "if": "{ path / }"}]})",
       "f:2:17: error: frontends.f.tcp_request.inspect_delay: has no effect unless the mode is tcp: in mode "
       "http rules about content are looked at when a head has been read\n"},
      {R"("tcp_request": {"inspect_delay": "5s"})",
       "f:2:17: error: frontends.f.tcp_request.inspect_delay: has no effect unless there are content rules\n",
       "tcp"},
      {R"("tcp_request": {"content": [{"action": "reject", "if": "{ path / }"}]})",
       "f:2:59: error: frontends.f.tcp_request.content[0].if: path needs the head of an HTTP request, which "
       "is not there when the first bytes of a connection are inspected\n",
       "tcp"},
      {R"("tcp_request": {"connection": [{"action": "reject", "if": "{ req.len 0 }"}]})",
       "f:2:62: error: frontends.f.tcp_request.connection[0].if: req.len needs the first bytes of a "
       "connection, which is not there when a connection has been accepted\n",
       "tcp"},
      {R"("tcp_request": {"session": [{"action": "expect-proxy"}]})",
       "f:2:40: error: frontends.f.tcp_request.session[0].action: expect-proxy has no place in "
       "tcp_request.session: it belongs in tcp_request.connection\n",
       "tcp"},
      {R"("tcp_request": {"session": [{"action": "set-tos", "value": "0x100"}]})",
       "f:2:60: error: frontends.f.tcp_request.session[0].value: expected a number from 0 to 255, such as "
       "0x20\n",
       "tcp"},
      {R"("tcp_request": {"session": [{"action": "set-src", "expression": "src_port"}]})",
       "f:2:66: error: frontends.f.tcp_request.session[0].expression: expected an address, but this makes an "
       "integer\n",
       "tcp"},
      {R"("tcp_request": {"session": [{"action": "accept"}, {"action": "reject"}]})",
       "f:2:51: error: frontends.f.tcp_request.session[1]: is never reached: the rule before it has no "
       "condition\n",
       "tcp"},
      {R"("tcp_request": {"content": [{"action": "reject", "if": "{ req.ssl_sni -i a }"}, {"action": "deny"}]})",
       "f:2:92: error: frontends.f.tcp_request.content[1].action: deny has no place in tcp_request.content: "
       "it belongs in http_request or http_response\n",
       "tcp"},
  };
  CHECK(faults_of(file_with_rules(std::string(img))) == "");
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    CHECK(faults_of(file_with_rules(std::string(row.rules), row.mode)) == row.fault);
  }
}

TEST_CASE("files that rules name are read with the configuration") {
  std::vector<std::string> read;
  const auto reader = [&read](const std::string& path, std::string& text, std::string& failure) {
    read.push_back(path);
    text = path == "bad.map" ? "10.0.0.0/8 a\n# b\n10.0.0.300 c\n" : "/a\n";
    if (path == "none") failure = "cannot read none: No such file or directory";
    return path != "none";
  };
  const std::string file = file_with_rules(
      R"("acls": {"a": "path_beg -f paths", "b": "src,map_ip(bad.map) -m found"},
"use_backend": [{"backend": "img", "if": "a"}, {"backend": "img", "if": "b { path -f paths -f none }"}])");
  const LoadResult loaded = load(file, "f", reader);
  std::string faults;
  for (const Diagnostic& diagnostic : loaded.diagnostics) faults += diagnostic_text(diagnostic) + "\n";
  CHECK(faults ==
        "f:2:53: error: frontends.f.acls.b: bad.map:3: bad network \"10.0.0.300\": this is no IP address\n"
        "f:3:95: error: frontends.f.use_backend[1].if: cannot read none: No such file or directory\n");
  CHECK(read == std::vector<std::string>{"paths", "bad.map", "none"});
  CHECK(load(file, "f").model.has_value());
}

TEST_CASE("rules of http_request") {
  const Model model = sound_model(file_with_rules(
      R"("acls": {"in": "src 10.0.0.0/8"}, "http_request": [{"action": "deny", "if": "!in { path /a }"},
{"action": "return", "string": "x", "if": "{ path /b }"}, {"action": "redirect", "prefix": "/x%[path]", "unless": "in"},
{"action": "set-header", "name": "A", "value": "%[src]"}, {"action": "del-header", "name": "B"}],
"use_backend": [{"backend": "img"}])"));
  const std::vector<Rule>& list = model.frontends[0].rules[rules::RuleList::http_request];
  REQUIRE(list.size() == 5);
  CHECK(list[0].status == 403);
  CHECK(list[1].status == 200);
  CHECK(list[1].content_type == "text/plain");
  CHECK(list[2].status == 302);
  CHECK(list[3].action == rules::Action::set_header);
  const auto refuse = [](const RulePlace&, const sample::Fault& fault) { FAIL(fault.message); };
  const auto compiled = compile_rules(model.frontends[0], names_of(model.frontends, model.backends), refuse);
  const std::vector<CompiledRule>& made = (*compiled)[rules::RuleList::http_request];
  REQUIRE(made.size() == 5);
  CHECK(made[2].redirect_to == RedirectTo::prefix);
  CHECK(made[2].when.negated);
  CHECK(made[4].rule->name == "B");
}

TEST_CASE("faults of http_request") {
  constexpr Row rows[] = {
      {R"({"action": "denny"})",
       "f:2:29: error: frontends.f.http_request[0].action: \"denny\" is not a known action; allowed: allow, "
       "deny, return, redirect, set-header, add-header, del-header, set-var, set-var-fmt, unset-var, "
       "replace-header, replace-value, set-method, set-uri, set-path, set-pathq, set-query, replace-uri, "
       "replace-path, replace-pathq, set-status, strict-mode, tarpit, auth, "
       "normalize-uri, set-timeout, set-log-level, "
       "track-sc0, track-sc1, track-sc2, sc-inc-gpc, sc-inc-gpc0, sc-inc-gpc1, sc-add-gpc, sc-set-gpt, "
       "sc-set-gpt0, accept, reject, silent-drop, expect-proxy, set-src, set-src-port, set-dst, "
       "set-dst-port, "
       "set-mark, set-tos, set-map, del-map, add-acl, del-acl, capture, wait-for-body, "
       "pause, set-priority-class, set-priority-offset, early-hint, do-log, close, wait-for-handshake; did "
       "you "
       "mean \"deny\"?\n"},
      {R"({"action": "deny", "status": 418})",
       "f:2:47: error: frontends.f.http_request[0].status: 418 has no error page\n"},
      {R"({"action": "return", "status": 204})",
       "f:2:49: error: frontends.f.http_request[0].status: an answer with status 204 has no body\n"},
      {R"({"action": "redirect", "location": "/", "status": 304})",
       "f:2:68: error: frontends.f.http_request[0].status: 304 is no redirect: expected 301, 302, 303, 307 "
       "or "
       "308\n"},
      {R"({"action": "wait-for-handshake"})",
       "f:2:29: error: frontends.f.http_request[0].action: has nothing to wait for: a bind whose tls has "
       "early_data is wanted\n"},
      {R"({"action": "set-header", "name": "a", "value": "%[path,capture-req(0)]"})",
       "f:2:73: error: frontends.f.http_request[0].value: capture-req: the frontend has 0 slots: "
       "capture.request_slots declares some\n"},
      {R"({"action": "redirect"})",
       "f:2:18: error: frontends.f.http_request[0]: redirect needs one of the keys location, prefix and "
       "scheme\n"},
      {R"({"action": "redirect", "location": "/", "scheme": "https"})",
       "f:2:58: error: frontends.f.http_request[0].scheme: one of location, prefix and scheme\n"},
      {R"({"action": "redirect", "location": "/%[pathh]"})",
       "f:2:57: error: frontends.f.http_request[0].location: \"pathh\" is not a known sample fetch; did you "
       "mean "
       "\"path\"?\n"},
      {R"({"action": "set-header", "name": "a", "value": "%[path"})",
       "f:2:66: error: frontends.f.http_request[0].value: %[ is not closed\n"},
      {R"({"action": "set-header", "name": "a", "value": "50%"})",
       "f:2:68: error: frontends.f.http_request[0].value: expected %NAME, %[EXPRESSION], or %% for a percent "
       "sign\n"},
      {R"({"action": "add-header", "name": "a"})",
       "f:2:18: error: frontends.f.http_request[0]: the key \"value\" is missing for add-header\n"},
      {R"({"action": "del-header", "name": "a", "value": "b"})",
       "f:2:56: error: frontends.f.http_request[0].value: has no effect unless the action is set-header, "
       "add-header, set-var-fmt, replace-header, replace-value, set-method, set-uri, set-path, set-pathq, "
       "set-query, "
       "replace-uri, replace-path, replace-pathq, set-mark, set-tos, set-map or early-hint\n"},
      {R"({"action": "set-header", "name": "Content-Length", "value": "1"})",
       "f:2:51: error: frontends.f.http_request[0].name: Content-Length frames the message or belongs to the "
       "connection: rules leave it alone\n"},
      {R"({"action": "set-var", "name": "tx.a", "expression": "path"})",
       "f:2:49: error: frontends.f.http_request[0].name: \"tx.a\" is no variable: expected a scope, a dot "
       "and a "
       "name of letters, digits, _ and . such as txn.host; scopes are proc, sess, txn, req and res\n"},
      {R"({"action": "set-var", "name": "txn.a", "expression": "pat,lower"})",
       "f:2:72: error: frontends.f.http_request[0].expression: \"pat\" is not a known sample fetch; did you "
       "mean \"path\"?\n"},
      {R"({"action": "set-var", "name": "txn.a"})",
       "f:2:18: error: frontends.f.http_request[0]: the key \"expression\" is missing for set-var\n"},
      {R"({"action": "deny"}, {"action": "deny"})",
       "f:2:38: error: frontends.f.http_request[1]: is never reached: the rule before it has no condition\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    const std::string rules =
        R"("http_request": [)" + std::string(row.rules) + R"(], "use_backend": [{"backend": "img"}])";
    CHECK(faults_of(file_with_rules(rules)) == row.fault);
  }
}

TEST_CASE("faults of other lists and of their actions") {
  constexpr Row rows[] = {
      {R"("http_response": [{"action": "set-path", "value": "/"}])",
       "f:2:30: error: frontends.f.http_response[0].action: set-path has no place in http_response: it "
       "belongs in "
       "http_request\n"},
      {R"("http_response": [{"action": "deny", "if": "{ path / }"}])",
       "f:2:47: error: frontends.f.http_response[0].if: path needs the head of an HTTP request, which is not "
       "there "
       "when a response's head has been read\n"},
      {R"("http_request": [{"action": "deny", "if": "{ status 200 }"}])",
       "f:2:46: error: frontends.f.http_request[0].if: status needs the head of an HTTP response, which is "
       "not there "
       "when a request's head has been read\n"},
      {R"("http_response": [{"action": "redirect", "scheme": "https"}])",
       "f:2:42: error: frontends.f.http_response[0].scheme: has no effect in http_response: a redirect there "
       "has a "
       "location\n"},
      {R"("http_response": [{"action": "set-status", "status": 100}])",
       "f:2:54: error: frontends.f.http_response[0].status: 100 is no status of an answer: expected 200 to "
       "999\n"},
      {R"("http_request": [{"action": "replace-path", "match": "(", "value": "/"}])",
       "f:2:54: error: frontends.f.http_request[0].match: missing ): (\n"},
      {R"("http_request": [{"action": "set-header", "name": "a b", "value": "/"}])",
       "f:2:52: error: frontends.f.http_request[0].name: \"a b\" is not the name of a field\n"},
      {R"("http_request": [{"action": "deny", "headers": [{"name": "a", "value": "%[pathh]"}]}])",
       "f:2:75: error: frontends.f.http_request[0].headers[0].value: \"pathh\" is not a known sample fetch; "
       "did you "
       "mean \"path\"?\n"},
      {R"("http_request": [{"action": "auth", "unless": "{ http_auth(staff) }"}])",
       "f:2:60: error: frontends.f.http_request[0].unless: no userlist is named \"staff\"\n"},
      {R"("http_request": [{"action": "normalize-uri", "normalizer": "path-strip-dot", "full": true}])",
       "f:2:87: error: frontends.f.http_request[0].full: has no effect unless the normalizer is "
       "path-strip-dotdot\n"},
      {R"("http_request": [{"action": "redirect", "location": "/", "drop_query": true}])",
       "f:2:73: error: frontends.f.http_request[0].drop_query: has no effect: a location has the query that "
       "it "
       "says\n"},
      {R"("http_request": [{"action": "redirect", "prefix": "/", "append_slash": true}])",
       "f:2:73: error: frontends.f.http_request[0].append_slash: has no effect unless drop_query is true\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    CHECK(faults_of(file_with_rules(std::string(row.rules) + R"(, "use_backend": [{"backend": "img"}])")) ==
          row.fault);
  }
}

TEST_CASE("faults of names and of lists that rules change") {
  struct ModeRow {
    std::string rules;
    std::string_view mode;
    std::string_view fault;
  };
  const ModeRow rows[] = {
      {R"j("unique_id_format": "%{+X}o%ci_%ib")j", "http",
       "frontends.f.unique_id_format: \"%ib\" is not known"},
      {R"j("unique_id_format": "%Tt")j", "http",
       "frontends.f.unique_id_format: \"%Tt\" is known when a log line"},
      {R"j("unique_id_format": "%HM")j", "tcp", "frontends.f.unique_id_format: %HM"},
      {R"j("unique_id_format": "%ci", "unique_id_header": "X")j", "tcp",
       "frontends.f.unique_id_header: has no effect unless the mode is http"},
      {R"j("unique_id_header": "X")j", "http", "frontends.f.unique_id_header: has no effect unless"},
      {R"j("http_request": [{"action": "set-header", "name": "X", "value": "%s"}])j", "http",
       "frontends.f.http_request[0].value: %s"},
      {R"j("http_request": [{"action": "set-map", "map": "a.map", "key": "%[src]"}])j", "http",
       "the key \"value\" is missing for set-map"},
      {R"j("http_request": [{"action": "set-map", "map": "a.map", "key": "%[src]", "value": "1"}])j", "http",
       "frontends.f.http_request[0].map: no rule looks into a map \"a.map\""},
      {R"j("http_request": [{"action": "del-acl", "acl": "a.map", "key": "%[src]"},
{"action": "return", "string": "%[src,map(a.map)]"}])j",
       "http", "frontends.f.http_request[0].acl: no rule looks into a list of patterns \"a.map\""},
      {R"j("http_request": [{"action": "add-acl", "acl": "a.lst", "key": "%[srcc]", "if": "{ src -f a.lst }"}])j",
       "http", "frontends.f.http_request[0].key: \"srcc\" is not a known sample fetch"},
      {R"j("tcp_request": {"session": [{"action": "add-acl", "acl": "a.lst", "key": "%[path]", "if": "{ src -f a.lst }"}]})j",
       "tcp", "frontends.f.tcp_request.session[0].key:"},
  };
  for (const ModeRow& row : rows) {
    CAPTURE(row.rules);
    const std::string faults = faults_of(file_with_rules(row.rules, row.mode));
    CHECK_MESSAGE(faults.find(row.fault) != std::string::npos, faults);
  }
}

TEST_CASE("faults of users") {
  const auto file = [](std::string_view user) {
    return R"({"defaults": {"mode": "http"}, "userlists": {"staff": {"users": {"ann":
)" + std::string(user) +
           R"(}}}, "frontends": {"f": {"bind": [{"address": ":80"}],
"http_request": [{"action": "auth", "unless": "{ http_auth(staff) }"}], "default_backend": "app"}},
"backends": {"app": {"servers": [{"name": "s1", "address": "127.0.0.1:81"}]}}})";
  };
  CHECK(faults_of(file(R"({"password": "$5$a$b"})")) == "");
  CHECK(faults_of(file(R"({"password": "plain"})")) ==
        "f:2:14: error: userlists.staff.users.ann.password: is no hash of crypt(3), which begins with $: "
        "openssl "
        "passwd -6 makes one\n");
  CHECK(faults_of(file(R"({"groups": ["a"]})")) ==
        "f:2:1: error: userlists.staff.users.ann: a user needs one of the keys password and "
        "insecure_password\n");
  CHECK(
      faults_of(file(R"({"password": "$5$a$b", "insecure_password": "x"})")) ==
      "f:2:24: error: userlists.staff.users.ann.insecure_password: one of password and insecure_password\n");
}

TEST_CASE("a rule's backend has its frontend's mode") {
  const std::string faults = faults_of(R"({"frontends": {"f": {"mode": "http", "bind": [{"address": ":80"}],
"use_backend": [{"backend": "tcp", "if": "TRUE"}], "default_backend": "app"}},
"backends": {"app": {"mode": "http", "servers": [{"name": "s1", "address": "127.0.0.1:81"}]},
"tcp": {"servers": [{"name": "s1", "address": "127.0.0.1:82"}]}}})");
  CHECK(faults ==
        "f:2:29: error: frontends.f.use_backend[0].backend: frontends.f has mode http, backends.tcp has mode "
        "tcp\n");
}

TEST_CASE("where a byte of a text stands") {
  Report report("f");
  const auto node = read_json(R"(["ab\"\u00e9\ud83d\ude00x", "aéx"])", report);
  REQUIRE(node.has_value());
  const Node& escaped = node->children[0];  // a b " é 😀 x: 1 1 1 2 4 1 bytes
  CHECK(position_in(escaped, 0) == Position{1, 3});
  CHECK(position_in(escaped, 2) == Position{1, 5});
  CHECK(position_in(escaped, 3) == Position{1, 7});
  CHECK(position_in(escaped, 9) == Position{1, 25});
  const Node& plain = node->children[1];
  CHECK(position_in(plain, 3) == Position{1, 32});
}

}  // namespace
}  // namespace corelane::config
