// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "check/agent.hpp"
#include "check/registry.hpp"
#include "check/run.hpp"

namespace {

using namespace corelane::check;

/// Everything that can be expected; each type takes its part.
Options options() {
  Options options;
  ScriptStep text;
  text.expect = "ab";
  ScriptStep bytes;
  bytes.expect_binary = std::string("\0\xff", 2);
  ScriptStep regex;
  regex.expect_regex = "[0-9]+x";
  ScriptStep never;
  never.expect = "no";
  never.negate = true;
  never.within = 40;
  ScriptStep send;
  send.send = "ping";
  options.user = "checker";
  options.query = "SELECT 1";
  options.expect = "1";
  options.database = "postgres";
  options.read_only = true;
  options.max_replication_lag_ms = 1000;
  options.steps = {text, send, bytes, regex, send, never};
  return options;
}

struct Played {
  std::string sent;
  Verdict verdict;
};

Played play(const Plan& plan, std::string_view bytes, std::size_t piece) {
  CheckRun run(plan);
  Step step = run.connected();
  Played played{step.send, {}};
  while (step.kind == Step::Kind::receive && !bytes.empty()) {
    step = run.received(bytes.substr(0, piece));
    played.sent += step.send;
    bytes.remove_prefix(piece < bytes.size() ? piece : bytes.size());
  }
  if (step.kind == Step::Kind::receive) {
    CORELANE_CHECK(!check_status_row(run.timed_out().status).passed);
    step = run.ended();
    played.sent += step.send;
  }
  CORELANE_CHECK(step.kind == Step::Kind::done);
  played.verdict = step.verdict;
  return played;
}

}  // namespace

/// What an agent's line says is the same with the line's own words: nothing comes from nowhere.
void check_agent_line(const std::string& line) {
  const AgentReport report = read_agent_line(line);
  CORELANE_CHECK(report.health.has_value() == !report.health_word.empty());
  CORELANE_CHECK(line.find(report.description) != std::string::npos);
  CORELANE_CHECK(line.find(report.unknown) != std::string::npos);
}

/// The first byte picks a type, the second how the rest is cut. Whatever a server says, a check ends with a
/// printable verdict, and the same one as for uncut bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Options all = options();
  static const Options of_http;  // http_check_fuzz.cpp has more of them
  if (size < 2) return 0;
  const std::size_t picked = data[0] % (registry().size() + 1);
  const bool agent = picked == registry().size();
  const CheckType& type = agent ? agent_check_type() : registry()[picked];
  const bool http = type.start == start_http || type.start == start_websocket;
  const Plan plan(type, http ? of_http : all);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Played whole = play(plan, bytes, bytes.size() + 1);
  const Played cut = play(plan, bytes, data[1] % 16 + 1);
  CORELANE_CHECK(whole.sent == cut.sent);
  CORELANE_CHECK(whole.verdict == cut.verdict);
  CORELANE_CHECK(whole.verdict.status != CheckStatus::initializing);
  for (const char c : whole.verdict.text) CORELANE_CHECK(c >= ' ' && c <= '~');
  if (agent) check_agent_line(whole.verdict.text);
  return 0;
}
