// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/network.hpp"
#include "config/model_capture.hpp"
#include "config/model_health.hpp"
#include "config/model_rules.hpp"

/// The part of the model that only means something where the mode is http.
namespace corelane::config {

/// What one message may have; whatever has more is refused.
struct HttpLimits {
  std::uint32_t head_bytes = 0;  // request line or status line, fields and the empty line
  std::uint32_t fields = 0;
  std::uint32_t uri_bytes = 0;
  std::uint32_t chunk_line_bytes = 0;  // size and extensions of one chunk
  std::uint32_t trailer_bytes = 0;     // all fields behind the last chunk

  friend bool operator==(const HttpLimits&, const HttpLimits&) = default;
};

/// Faults of old peers that are let through: requests by a frontend, responses by a backend. The order is
/// that of the bits of proto::HttpLaxity.
enum class AcceptInvalid : std::uint8_t {
  control_in_values,
  characters_in_names,
  characters_in_target,
  percent_in_path,
  fragment_in_target,
  short_status_line,
};

struct AcceptInvalidSet {
  std::uint32_t bits = 0;  // one for each AcceptInvalid

  constexpr bool has(AcceptInvalid fault) const noexcept {
    return (bits >> static_cast<unsigned>(fault) & 1U) != 0;
  }

  friend bool operator==(const AcceptInvalidSet&, const AcceptInvalidSet&) = default;
};

/// A field of the request that tells the server an address of the client's connection.
struct ForwardedAddress {
  std::string header;
  std::vector<base::Network> except;  // addresses that are not told
  bool if_none = false;               // only where the request has no such field

  friend bool operator==(const ForwardedAddress&, const ForwardedAddress&) = default;
};

/// The parameters of the field Forwarded (RFC 7239).
struct ForwardedField {
  bool proto = false;
  bool host = false;
  bool for_address = false;
  bool for_port = false;
  bool by_address = false;
  bool by_port = false;

  friend bool operator==(const ForwardedField&, const ForwardedField&) = default;
};

/// What becomes of connections after a response; of a frontend's and a backend's the greater one holds.
enum class HttpConnection : std::uint8_t {
  keep_alive,    // both connections may serve further requests
  server_close,  // the client's may
  close,
};

/// A raw response, head included, instead of the built-in one.
struct ErrorFile {
  std::uint16_t status = 0;
  std::string path;

  friend bool operator==(const ErrorFile&, const ErrorFile&) = default;
};

struct ErrorGroup {
  std::string name;
  std::vector<ErrorFile> files;  // by status

  friend bool operator==(const ErrorGroup&, const ErrorGroup&) = default;
};

/// What frontends and backends may say alike. Where both speak of it: the fields are added when either wants
/// them, error files are the backend's first.
struct HttpShared {
  std::optional<ForwardedAddress> forward_for;  // the client's address
  std::optional<ForwardedAddress> original_to;  // the address that the client connected to
  std::optional<ForwardedField> forwarded;
  bool forwarded_proto = false;  // X-Forwarded-Proto
  AcceptInvalidSet accept_invalid;
  HttpConnection http_connection = HttpConnection::keep_alive;
  std::vector<ErrorFile> error_files;  // by status; go before those of `errors`
  std::uint32_t errors = no_index;     // in Model::errors
  bool buffer_request = false;         // rules are looked at when the body is there

  friend bool operator==(const HttpShared&, const HttpShared&) = default;
};

/// What an http frontend may take over from the defaults.
struct HttpLogging {
  bool log_as_soon_as_possible = false;  // at the response's head instead of at its end
  bool dont_log_normal = false;          // only what failed
  bool log_separate_errors = false;      // what failed is of a higher syslog level

  friend bool operator==(const HttpLogging&, const HttpLogging&) = default;
};

struct HttpFrontend : HttpShared, HttpLogging {
  std::string monitor_uri;   // answered by ourselves; empty: none
  std::string monitor_fail;  // a condition: the answer is then 503; empty: never
  Capture capture;

  friend bool operator==(const HttpFrontend&, const HttpFrontend&) = default;
};

/// Which requests may go over an idle connection that another client's request has opened.
enum class HttpReuse : std::uint8_t {
  never,       // none
  safe,        // all but the first one of a client's connection
  aggressive,  // the first one too where the idle connection was reused before
  always,
};

/// What may be tried again on another connection.
enum class RetryReason : std::uint8_t {
  conn_failure,
  empty_response,
  junk_response,
  response_timeout,
  status_401,
  status_403,
  status_404,
  status_408,
  status_425,
  status_500,
  status_501,
  status_502,
  status_503,
  status_504,
};

struct RetryOn {
  std::uint32_t bits = 0;  // one for each RetryReason

  constexpr bool has(RetryReason reason) const noexcept {
    return (bits >> static_cast<unsigned>(reason) & 1U) != 0;
  }
  constexpr bool has_status(std::uint16_t status) const noexcept {
    constexpr std::uint16_t statuses[] = {401, 403, 404, 408, 425, 500, 501, 502, 503, 504};
    for (unsigned i = 0; i < std::size(statuses); ++i) {
      if (statuses[i] == status)
        return (bits >> (static_cast<unsigned>(RetryReason::status_401) + i) & 1U) != 0;
    }
    return false;
  }
  /// Whether a response can be a reason: its head is then looked at before anything of it is passed on.
  constexpr bool has_statuses() const noexcept {
    return bits >> static_cast<unsigned>(RetryReason::status_401) != 0;
  }

  friend bool operator==(const RetryOn&, const RetryOn&) = default;
};

enum class CookieMode : std::uint8_t {
  passive,  // the servers set the cookie
  insert,   // we set it
  rewrite,  // the servers set it, we change its value
  prefix,   // the servers set it, we put the server in front of its value
};

/// The cookie that ties a client to a server.
struct Cookie {
  std::string name;
  CookieMode mode = CookieMode::passive;
  bool indirect = false;
  bool nocache = false;
  bool postonly = false;
  bool preserve = false;
  bool httponly = false;
  bool secure = false;
  std::vector<std::string> domains;
  bool dynamic = false;          // servers without a cookie of their own get one made of their address
  std::string dynamic_key;       // mixed into those
  std::int64_t max_idle_ms = 0;  // 0: no limit
  std::int64_t max_life_ms = 0;  // 0: no limit
  std::vector<std::string> attributes;

  friend bool operator==(const Cookie&, const Cookie&) = default;
};

/// What an http backend may take over from the defaults.
struct HttpForwarding {
  HttpReuse http_reuse = HttpReuse::safe;
  RetryOn retry_on;
  bool abort_on_close = false;  // a client that has closed waits for nothing any more

  friend bool operator==(const HttpForwarding&, const HttpForwarding&) = default;
};

struct HttpBackend : HttpShared, HttpForwarding {
  std::optional<Cookie> cookie;

  std::string force_persist;   // a condition: a cookie's server counts although it is down
  std::string ignore_persist;  // a condition: the cookie does not count

  friend bool operator==(const HttpBackend&, const HttpBackend&) = default;
};

/// What the defaults say for both.
struct HttpDefaults : HttpShared, HttpLogging, HttpForwarding {};

/// What a server of an http backend says.
struct ServerHttp {
  HttpConnection http_connection = HttpConnection::keep_alive;  // its backend's
  std::string cookie;                      // the cookie's value that stands for the server; empty: none
  std::uint32_t pool_max_connections = 0;  // idle connections kept, of all lanes; 0: no limit
  std::int64_t pool_purge_delay_ms = 0;    // between purges; 0: none is kept
  std::uint32_t max_reuse = 0;             // requests after the first on one connection; 0: no limit

  friend bool operator==(const ServerHttp&, const ServerHttp&) = default;
};

}  // namespace corelane::config
