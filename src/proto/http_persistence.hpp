// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/endpoint.hpp"
#include "proto/http_edit.hpp"

/// The cookie that brings a client back to its server, as HAProxy 2.6 reads and writes it:
///
///     NAME=SERVER                     insert, rewrite, passive
///     NAME=SERVER|LAST                insert with max_idle: when the client was last seen
///     NAME=SERVER|LAST|FIRST          insert with max_life: and when it was first
///     NAME=SERVER~VALUE               prefix: before the value that the server has set
///
/// Dates are five digits of base 64: units of four seconds since 1970.
namespace corelane::proto {

enum class PersistenceMode : std::uint8_t { passive, insert, rewrite, prefix };

/// What a backend's configuration says. Views are of the configuration.
struct PersistenceRules {
  std::string_view name;
  PersistenceMode mode = PersistenceMode::passive;
  bool indirect = false;
  bool nocache = false;
  bool postonly = false;
  bool preserve = false;
  std::int64_t max_idle_s = 0;  // 0: no limit
  std::int64_t max_life_s = 0;
  std::string_view attributes = {};  // of cookies that are inserted, behind the path: "; domain=...; Secure"
};

/// The longest value of a Set-Cookie that is inserted; one beyond it counts as edits without room.
inline constexpr std::size_t inserted_cookie_bytes_max = 4096;

/// Which server a cookie's value stands for: the first one of them that is up.
struct PersistenceServer {
  enum class State : std::uint8_t { unknown, down, up };
  State state = State::unknown;
  std::uint32_t index = 0;
};
struct PersistenceServers {
  PersistenceServer (*find)(void* servers, std::string_view value) = nullptr;
  void* servers = nullptr;
};

/// What a request's cookie said, as far as the response depends on it.
struct Persistence {
  static constexpr std::uint32_t no_server = UINT32_MAX;
  std::uint32_t server = no_server;  // the one that the client belongs to, and that is up
  char letter = 'N';                 // HAProxy's: N none, I invalid, D down, V valid, E expired, O old
  std::int64_t last_s = 0;           // the cookie's dates; 0: none
  std::int64_t first_s = 0;
};

/// Reads the cookie from all fields Cookie, and takes out of them what servers must not see: the cookie
/// itself (insert with indirect) or its prefix. False when there is no room for the edits.
bool read_persistence(const PersistenceRules& rules, const HttpFields& fields, std::int64_t now_s,
                      const PersistenceServers& servers, HttpHeadEdits& edits, Persistence& persistence);

/// Who served the request.
struct PersistenceResponse {
  std::string_view server_cookie = {};  // the value that stands for the server; empty: it has none
  bool by_wanted_server = false;        // it is Persistence::server
  HttpMethod method = HttpMethod::get;
  std::int64_t now_s = 0;
};

/// Writes the cookie into a response that is final or a 101. `letter`: N none, I inserted, U updated (its
/// date), P provided by the server, R rewritten, D deleted. False when there is no room for the edits.
bool write_persistence(const PersistenceRules& rules, const Persistence& persistence,
                       const HttpResponseHead& head, const PersistenceResponse& response,
                       HttpHeadEdits& edits, char& letter);

/// The cookie of a server that was given none: 16 hexadecimal digits of its address and port and a key. Empty
/// without an IP address.
std::string dynamic_cookie(std::string_view key, const base::Endpoint& server);

}  // namespace corelane::proto
