// SPDX-License-Identifier: Apache-2.0
#include "check/agent.hpp"

#include <fmt/format.h>

#include <random>

#include "script.hpp"

using namespace corelane::check;

namespace {

/// "health=down(stopped) admin=drain weight=75% limit=3 #text ?word"
std::string text_of(const AgentReport& report) {
  std::string text;
  if (report.health)
    text += fmt::format("{}({}) ", *report.health == Opinion::up ? "UP" : "DOWN", report.health_word);
  if (report.admin) text += fmt::format("{} ", admin_state_word(*report.admin));
  if (report.weight_percent) text += fmt::format("{}% ", *report.weight_percent);
  if (report.connections_max) text += fmt::format("limit {} ", *report.connections_max);
  if (!report.description.empty()) text += fmt::format("#{} ", report.description);
  if (!report.unknown.empty()) text += fmt::format("?{} ", report.unknown);
  if (!text.empty()) text.pop_back();
  return text;
}

Options saying(const std::string& text) {
  Options options;
  if (!text.empty()) options.steps.emplace_back().send = text;
  return options;
}

}  // namespace

TEST_CASE("an agent's words") {
  struct Row {
    const char* line;
    const char* report;
  };
  for (const Row& row : {
           Row{"", ""},
           Row{" \t,, ", ""},
           Row{"up", "UP(up)"},
           Row{"DOWN", "DOWN(down)"},
           Row{"failed", "DOWN(failed)"},
           Row{"fail # by hand", "DOWN(fail) #by hand"},
           Row{"stopped#for the night", "DOWN(stopped) #for the night"},
           Row{"down #", "DOWN(down)"},
           Row{"up 75%", "UP(up) 75%"},
           Row{"75%,maxconn:30\tready", "ready 75% limit 30"},
           Row{"0%", "0%"},
           Row{"drain", "drain"},
           Row{"maint up", "UP(up) maint"},
           Row{"up down 10% 20%", "DOWN(down) 20%"},  // the last of its kind
           Row{"maxconn:0", "limit 0"},
           Row{"maxconn:", "?maxconn:"},
           Row{"maxconn: 3", "?maxconn:"},
           Row{"maxconn:99999999999", "?maxconn:99999999999"},
           Row{"%", "?%"},
           Row{"-5%", "?-5%"},
           Row{"7.5%", "?7.5%"},
           Row{"4294967297%", "?4294967297%"},
           Row{"75", "?75"},
           Row{"hello up world", "UP(up) ?hello"},
           Row{"# up", "#up"},
           Row{"HTTP/1.1 400 Bad Request", "?HTTP/1.1"},
       }) {
    CAPTURE(row.line);
    CHECK(text_of(read_agent_line(row.line)) == row.report);
  }
}

TEST_CASE("a line ends with a line end or with the connection") {
  const std::string longest(agent_line_bytes_max, 'x');
  struct Row {
    std::vector<ServerSide> agent;
    std::string verdict;
  };
  for (const Row& row : {
           Row{{{"up\n"}}, "L7OK/0/up"},
           Row{{{"up\r\n"}}, "L7OK/0/up"},
           Row{{{"\n"}}, "L7OK/0/"},
           Row{{{"up\tdown\x01\"\nrest"}}, "L7OK/0/up down?'"},
           Row{{{"75%", true}}, "L7OK/0/75%"},
           Row{{{"", true}}, "L7RSP/0/connection closed by the server (expect a line)"},
           Row{{{"up"}}, "L7TOUT/0/(expect a line)"},  // and never ends it
           Row{{{longest + "\n"}}, "L7OK/0/" + longest},
           Row{{{longest + "x\n"}}, "L7RSP/0/too long a line"},
           Row{{{longest + "xy"}}, "L7RSP/0/too long a line"},
       }) {
    const Options options = saying("");
    CHECK(verdict_text(play_every_way(Plan(agent_check_type(), options), row.agent).verdict) == row.verdict);
  }
}

TEST_CASE("what an agent is told first") {
  const Options options = saying("state db1\n");
  const Played played = play_every_way(Plan(agent_check_type(), options), {{"up\n"}});
  CHECK(played.sent == "state db1\n");
  CHECK(verdict_text(played.verdict) == "L7OK/0/up");
}

TEST_CASE("noise is no line of an agent, and is printable") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::string noise(random() % 100, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    const Options options = saying("");
    const Played played = play_every_way(Plan(agent_check_type(), options), {{noise, true}});
    CHECK(played.verdict.status != CheckStatus::initializing);
    for (const char c : played.verdict.text) CHECK((c >= ' ' && c <= '~'));
    const AgentReport report = read_agent_line(played.verdict.text);
    CHECK((report.health || report.health_word.empty()));
  }
}
