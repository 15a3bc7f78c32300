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
      {R"("use_backend": [{"backend": "img", "if": "{ pathh /x }"}])",
       "f:2:45: error: frontends.f.use_backend[0].if: \"pathh\" is not a known sample fetch; did you mean "
       "\"path\"?\n"},
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
  };
  CHECK(faults_of(file_with_rules(std::string(img))) == "");
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    CHECK(faults_of(file_with_rules(std::string(row.rules), row.mode)) == row.fault);
  }
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
