// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostic.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace corelane::config {
namespace {

TEST_CASE("a diagnostic reads as compilers write them") {
  const Diagnostic full{Severity::error, "a.json",          {3, 14}, "global.pin",
                        "is wrong",      {"true", "false"}, "true"};
  CHECK(diagnostic_text(full) ==
        "a.json:3:14: error: global.pin: is wrong; allowed: true, false; did you mean \"true\"?");
  const Diagnostic bare{Severity::warning, "a.json", {}, "", "looks odd", {}, ""};
  CHECK(diagnostic_text(bare) == "a.json: warning: looks odd");
}

TEST_CASE("what a file holds cannot steer a terminal") {
  const Diagnostic hostile{Severity::error, "a.json", {1, 1}, "x\n", "\x1b[2J", {}, "\x7f"};
  CHECK(diagnostic_text(hostile) == "a.json:1:1: error: x\\u000a: \\u001b[2J; did you mean \"\\u007f\"?");
}

TEST_CASE("diagnostics are written as JSON for programs") {
  const std::vector<Diagnostic> diagnostics{
      {Severity::error, "a.json", {3, 14}, "global.pin", "is wrong", {"true", "false"}, "true"},
      {Severity::warning, "\xff", {}, "", "looks odd", {}, ""}};
  const auto list = nlohmann::json::parse(diagnostics_json(diagnostics));
  REQUIRE(list.size() == 2);
  CHECK(list[0] == nlohmann::json{{"severity", "error"},
                                  {"file", "a.json"},
                                  {"line", 3},
                                  {"column", 14},
                                  {"path", "global.pin"},
                                  {"message", "is wrong"},
                                  {"allowed", {"true", "false"}},
                                  {"did_you_mean", "true"}});
  CHECK(list[1]["severity"] == "warning");
  CHECK(list[1]["file"] == "\xef\xbf\xbd");  // not UTF-8, and replaced
  CHECK_FALSE(list[1].contains("allowed"));
  CHECK_FALSE(list[1].contains("did_you_mean"));
  CHECK(diagnostics_json({}) == "[]\n");
}

TEST_CASE("paths are readable and unambiguous") {
  CHECK(path_key("", "global") == "global");
  CHECK(path_key("backends", "bk-1_a") == "backends.bk-1_a");
  CHECK(path_key("backends", "a.b") == "backends[\"a.b\"]");
  CHECK(path_key("", "") == "[\"\"]");
  CHECK(path_index("a.b", 3) == "a.b[3]");
}

TEST_CASE("a report puts faults in the order of the file and counts what it leaves out") {
  Report report("f");
  report.error({2, 1}, "b", "second");
  report.warning({1, 9}, "a", "first");
  report.error({2, 1}, "c", "third");
  CHECK(report.errors() == 2);
  for (std::size_t i = 0; i < Report::diagnostics_max; ++i) report.error({3, 1}, "d", "more");
  const std::vector<Diagnostic> diagnostics = report.take();
  REQUIRE(diagnostics.size() == Report::diagnostics_max + 1);
  CHECK(diagnostics[0].message == "first");
  CHECK(diagnostics[1].message == "second");
  CHECK(diagnostics[2].message == "third");
  CHECK(diagnostics.back().message == "3 more faults are not shown");
  CHECK(report.errors() == Report::diagnostics_max + 2);
}

}  // namespace
}  // namespace corelane::config
