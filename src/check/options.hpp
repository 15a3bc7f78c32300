// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/http_head.hpp"

/// What a configuration says about the conversation of a check. Each type uses its own part.
namespace corelane::check {

/// A connection that a script makes.
struct ConnectOptions {
  std::uint32_t port = 0;      // 0: the server's, or the check's own
  std::optional<bool> linger;  // ends with FIN instead of RST; nothing: as its type does
  std::optional<bool> tls;     // nothing: as the check, where the port is its own

  friend bool operator==(const ConnectOptions&, const ConnectOptions&) = default;
};

struct HttpHeader {
  std::string name;
  std::string value;

  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

/// A request that a check makes. What frames it and what ends its connection is added.
struct HttpRequest {
  std::string method = "GET";
  std::string uri = "/";
  proto::HttpVersion version = proto::HttpVersion::http11;
  std::string host;  // empty: the address that is checked
  std::vector<HttpHeader> headers;
  std::string body;

  friend bool operator==(const HttpRequest&, const HttpRequest&) = default;
};

/// One step of a script: exactly one of connect, the two sends, the request and the three expects is given.
/// The scripts of http have connect, request and expect.
struct ScriptStep {
  std::optional<ConnectOptions> connect;
  std::optional<HttpRequest> request;
  std::string send;
  std::string send_binary;    // bytes
  std::string expect;         // http: see http_expectation.hpp
  std::string expect_binary;  // bytes
  std::string expect_regex;
  bool negate = false;       // the expected content must not come
  std::uint32_t within = 0;  // expects: judged by so many bytes alone; 0: by all until the server's end
  std::string comment;       // part of the report when the step fails
  bool of_http = false;      // negate and within mean nothing

  bool expects() const noexcept { return !expect.empty() || !expect_binary.empty() || !expect_regex.empty(); }
  friend bool operator==(const ScriptStep&, const ScriptStep&) = default;
};

/// The request is that of http without steps, and of websocket.
struct Options : HttpRequest {
  std::vector<ScriptStep> steps;  // tcp, http
  bool disable_on_404 = false;    // http: 404 asks for no new connections

  /// http: what the answer must be, see http_expectation.hpp; empty: 2xx or 3xx. mysql: the first column of
  /// the query's first row; empty: whatever it is.
  std::string expect;

  std::string domain = "localhost";         // smtp and esmtp: the name to greet with
  std::string user;                         // mysql: empty means to read the greeting only; pgsql
  std::string database;                     // pgsql: empty means the user's name
  std::string query;                        // mysql: asked after logging in; empty: none
  std::optional<bool> read_only;            // mysql: what the server must be
  std::int64_t max_replication_lag_ms = 0;  // mysql, in whole seconds; 0: not asked

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace corelane::check
