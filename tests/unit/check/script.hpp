// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "check/registry.hpp"
#include "check/run.hpp"

namespace corelane::check {

inline const CheckType& type_named(std::string_view name) {
  for (const CheckType& type : registry())
    if (type.name == name) return type;
  FAIL("no such type");
  return registry().front();
}

/// What one check said and how it ended.
struct Played {
  std::string sent;      // "|" before what follows another connection
  Verdict verdict = {};  // initializing: it still waits
};

/// What a server says: to each connection in order, and whether it then ends it.
struct ServerSide {
  std::string says;
  bool ends = false;
};

/// Plays a check against a server whose bytes come in pieces of `piece` bytes.
inline Played play(const Plan& plan, const std::vector<ServerSide>& connections, std::size_t piece) {
  Played played;
  CheckRun run(plan);
  Step step;
  for (const ServerSide& server : connections) {
    if (&server != &connections.front()) played.sent += '|';
    step = run.connected();
    played.sent += step.send;
    for (std::string_view rest = server.says; step.kind == Step::Kind::receive && !rest.empty();) {
      step = run.received(rest.substr(0, piece));
      played.sent += step.send;
      rest.remove_prefix(std::min(piece, rest.size()));
    }
    if (step.kind == Step::Kind::receive && server.ends) {
      step = run.ended();
      played.sent += step.send;
    }
    if (step.kind != Step::Kind::connect) break;
  }
  if (step.kind == Step::Kind::done) played.verdict = step.verdict;
  if (step.kind == Step::Kind::receive) played.verdict = run.timed_out();
  return played;
}

inline std::string verdict_text(const Verdict& verdict) {
  return fmt::format("{}/{}/{}", check_status_row(verdict.status).word, verdict.code, verdict.text);
}

/// The same, after making sure that it does not depend on how the bytes were cut.
inline Played play_every_way(const Plan& plan, const std::vector<ServerSide>& connections) {
  const Played whole = play(plan, connections, 1 << 20);
  for (std::size_t piece = 1; piece <= 40; ++piece) {
    const Played cut = play(plan, connections, piece);
    CAPTURE(piece);
    CHECK(cut.sent == whole.sent);
    CHECK(verdict_text(cut.verdict) == verdict_text(whole.verdict));
  }
  return whole;
}

}  // namespace corelane::check
