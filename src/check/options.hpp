// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a configuration says about the conversation of a check. Each type uses its own part.
namespace corelane::check {

/// A connection that a script makes.
struct ConnectOptions {
  std::uint32_t port = 0;  // 0: the server's, or the check's own
  bool linger = false;     // ends with FIN instead of RST

  friend bool operator==(const ConnectOptions&, const ConnectOptions&) = default;
};

/// One step of a script: exactly one of connect, the two sends and the three expects is given.
struct ScriptStep {
  std::optional<ConnectOptions> connect;
  std::string send;
  std::string send_binary;  // bytes
  std::string expect;
  std::string expect_binary;  // bytes
  std::string expect_regex;
  bool negate = false;       // the expected content must not come
  std::uint32_t within = 0;  // expects: judged by so many bytes alone; 0: by all until the server's end
  std::string comment;       // part of the report when the step fails

  bool expects() const noexcept { return !expect.empty() || !expect_binary.empty() || !expect_regex.empty(); }
  friend bool operator==(const ScriptStep&, const ScriptStep&) = default;
};

struct Options {
  std::vector<ScriptStep> steps;  // tcp

  std::string domain = "localhost";         // smtp and esmtp: the name to greet with
  std::string user;                         // mysql: empty means to read the greeting only; pgsql
  std::string database;                     // pgsql: empty means the user's name
  std::string query;                        // mysql: asked after logging in; empty: none
  std::string query_expect;                 // the first column of its first row; empty: whatever it is
  std::optional<bool> read_only;            // mysql: what the server must be
  std::int64_t max_replication_lag_ms = 0;  // mysql, in whole seconds; 0: not asked

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace corelane::check
