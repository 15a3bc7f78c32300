// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "check/http_expectation.hpp"
#include "check/registry.hpp"
#include "check/run.hpp"

namespace {

using namespace corelane::check;

ScriptStep request(const std::string& method) {
  ScriptStep step;
  step.request.emplace().method = method;
  return step;
}

ScriptStep expect(const std::string& text) {
  ScriptStep step;
  step.expect = text;
  return step;
}

std::vector<Options> all_options() {
  std::vector<Options> all(1);
  for (const char* text : {"status 200-299,304", "! rstatus 5..", "string ok", "! string error",
                           "rstring [oO][kK]", "hdr name X-A value -m beg b", "! fhdr name -m sub a"})
    all.emplace_back().expect = text;
  all.emplace_back().method = "HEAD";
  all.emplace_back().disable_on_404 = true;
  ScriptStep connect;
  connect.connect.emplace();
  all.emplace_back().steps = {request("GET"), expect("string a"), request("HEAD"),
                              connect,        request("GET"),     expect("rstring b+c")};
  return all;
}

struct Played {
  std::string sent;
  Verdict verdict;
};

/// A server that says the same on each connection.
Played play(const Plan& plan, std::string_view bytes, std::size_t piece) {
  constexpr int connections_max = 4;
  Played played;
  CheckRun run(plan);
  Step step;
  for (int connection = 0; connection < connections_max; ++connection) {
    step = run.connected();
    played.sent += '|' + step.send;
    for (std::string_view rest = bytes; step.kind == Step::Kind::receive && !rest.empty();) {
      step = run.received(rest.substr(0, piece));
      played.sent += step.send;
      rest.remove_prefix(piece < rest.size() ? piece : rest.size());
    }
    if (step.kind == Step::Kind::receive) {
      CORELANE_CHECK(!check_status_row(run.timed_out().status).passed);
      step = run.ended();
      played.sent += step.send;
    }
    if (step.kind != Step::Kind::connect) break;
  }
  CORELANE_CHECK(step.kind == Step::Kind::done);
  played.verdict = step.verdict;
  return played;
}

/// What is accepted is kept as it was written, and what is refused says why.
void check_expectation(std::string_view text) {
  const auto read = HttpExpectation::read(text);
  if (const auto* fault = std::get_if<HttpExpectation::Fault>(&read)) {
    CORELANE_CHECK(!fault->text.empty());
  } else {
    CORELANE_CHECK(text.find(std::get<HttpExpectation>(read).text()) != std::string_view::npos);
  }
}

const CheckType& type_named(std::string_view name) {
  for (const CheckType& type : registry())
    if (type.name == name) return type;
  return registry().front();
}

}  // namespace

/// The first byte picks what is expected, the second how the rest is cut. Whatever a server says, a check
/// ends with a printable verdict, and the same one as for uncut bytes. The rest is read as an expectation,
/// too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Options> all = all_options();
  if (size < 2) return 0;
  const std::size_t picked = data[0] % (all.size() + 1);
  const bool websocket = picked == all.size();
  const Plan plan(type_named(websocket ? "websocket" : "http"), all[websocket ? 0 : picked]);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Played whole = play(plan, bytes, bytes.size() + 1);
  const Played cut = play(plan, bytes, data[1] % 16 + 1);
  CORELANE_CHECK(whole.sent == cut.sent);
  CORELANE_CHECK(whole.verdict == cut.verdict);
  CORELANE_CHECK(whole.verdict.status != CheckStatus::initializing);
  for (const char c : whole.verdict.text) CORELANE_CHECK(c >= ' ' && c <= '~');
  check_expectation(bytes);
  return 0;
}
