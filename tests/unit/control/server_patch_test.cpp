// SPDX-License-Identifier: Apache-2.0
#include "control/server_patch.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace corelane;
using check::AdminState;
using control::read_server_patch;
using control::ServerPatch;

namespace {

std::string faults_of(std::string_view json) {
  config::Report report("body");
  read_server_patch(json, report);
  std::string text;
  for (const config::Diagnostic& diagnostic : report.take()) text += diagnostic_text(diagnostic) + "\n";
  return text;
}

ServerPatch patch_of(std::string_view json) {
  config::Report report("body");
  const ServerPatch patch = read_server_patch(json, report);
  REQUIRE(report.errors() == 0);
  return patch;
}

}  // namespace

TEST_CASE("what is there is changed, and nothing else") {
  const ServerPatch all = patch_of(R"({"state": "drain", "weight": 256, "address": "[::1]:80"})");
  CHECK(all.state == AdminState::drain);
  CHECK(all.weight == 256);
  CHECK(all.address->text == "[::1]:80");
  const ServerPatch state = patch_of(R"({"state": "maint"})");
  CHECK(state.state == AdminState::maint);
  CHECK_FALSE(state.weight);
  CHECK_FALSE(state.address);
  CHECK(patch_of(R"({"weight": 0})").weight == 0);
  CHECK(patch_of(R"({"state": "ready"})").state == AdminState::ready);
  CHECK(patch_of(R"({"address": "unix:/run/x"})").address->path == "/run/x");
}

TEST_CASE("what is wrong is named, with what is allowed and what was meant") {
  const std::string allowed = "allowed: state, weight, address";
  struct Row {
    const char* json;
    std::string faults;
  };
  for (const Row& row : {
           Row{R"({"state": "drian"})",
               "body:1:11: error: state: \"drian\" is no administrative state; allowed: "
               "ready, drain, maint; did you mean \"drain\"?\n"},
           Row{R"({"state": 1})",
               "body:1:11: error: state: a number is no administrative state; allowed: ready, drain, "
               "maint\n"},
           Row{R"({"weight": 257})", "body:1:12: error: weight: 257 is not a whole number from 0 to 256\n"},
           Row{R"({"weight": -1})", "body:1:12: error: weight: -1 is not a whole number from 0 to 256\n"},
           Row{R"({"weight": 1.5})", "body:1:12: error: weight: 1.5 is not a whole number from 0 to 256\n"},
           Row{R"({"weight": "5"})",
               "body:1:12: error: weight: a string is not a whole number from 0 to 256\n"},
           Row{R"({"wieght": 5})",
               "body:1:2: error: wieght: unknown key; " + allowed + "; did you mean \"weight\"?\n"},
           Row{R"({})", "body:1:1: error: nothing is to be changed; " + allowed + "\n"},
           Row{R"([])", "body:1:1: error: a list is not an object; " + allowed + "\n"},
           Row{R"({"address": "db1:3306"})",
               "body:1:13: error: address: \"db1:3306\" is a name, and names are resolved at start only: "
               "give its "
               "IP address and port\n"},
           Row{R"({"address": 80})", "body:1:13: error: address: a number is not a string\n"},
       }) {
    CHECK(faults_of(row.json) == row.faults);
  }
  for (const char* broken :
       {"", "{", R"({"state": "drain",})", R"({"weight": 1} x)", "\xff", R"({"weight": 1, "weight": 2})",
        R"({"address": ":80"})", R"({"address": "fd@7"})"}) {
    CAPTURE(broken);
    CHECK(faults_of(broken) != "");
  }
}
