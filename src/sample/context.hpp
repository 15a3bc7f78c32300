// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "proto/http_head.hpp"
#include "sample/live_state.hpp"
#include "stick/table.hpp"
#include "tls/connection.hpp"

namespace corelane::sample {

class Arena;
class VariableNames;
struct Context;
struct VariableScopes;
struct StickView;

/// What the request or TCP connection is called.
class RequestIdentity {
 public:
  /// No two of the process have the same, until it wraps.
  virtual std::uint64_t number() const noexcept = 0;
  /// What unique_id_format makes; empty: nothing does. The arena is as if nothing had been in it.
  virtual std::string_view unique_id(const Context& context, Arena& arena) const = 0;

 protected:
  ~RequestIdentity() = default;
};

/// Who the users of lists are.
class UserDirectory {
 public:
  /// The user's groups; null: there is no such user, or that is not the password.
  virtual const std::vector<std::string>* find(std::uint32_t list, std::string_view user,
                                               std::string_view password) noexcept = 0;

 protected:
  ~UserDirectory() = default;
};

/// A message's body, as much of it as is kept.
class BodySource {
 public:
  /// Without its framing. The view is good for the evaluation.
  virtual std::string_view bytes() const noexcept = 0;
  /// What the message says that it has; where it does not, how much is there.
  virtual std::uint64_t size() const noexcept = 0;

 protected:
  ~BodySource() = default;
};

/// The first bytes of a connection, as far as they have come. In mode http the head of a message.
struct Content {
  std::string_view bytes;
  bool final = false;  // no more of them is waited for
  bool full = false;   // nor is there room
};

/// What there is to fetch from. Views are good for the evaluation alone.
struct Context {
  const LiveState* live = nullptr;
  const base::Endpoint* client = nullptr;
  const proto::HttpRequestHead* request = nullptr;    // null in phases that have none
  const proto::HttpResponseHead* response = nullptr;  // likewise
  UserDirectory* users = nullptr;
  VariableScopes* variables = nullptr;      // null where the configuration names none
  const StickView* stick = nullptr;         // null where there is no stick table
  const Content* content = nullptr;         // null where nothing is inspected
  const BodySource* body = nullptr;         // that of the message; null where it is not kept
  const RuledTimeouts* timeouts = nullptr;  // of an HTTP request
  const RequestIdentity* identity = nullptr;
  const tls::Connection* client_tls = nullptr;  // null: the client's connection has no TLS
  const tls::Connection* server_tls = nullptr;  // likewise the server's, or there is none
  std::string_view server_tls_fault;            // why the handshake with it failed; lives for ever
  std::string_view frontend_name;
  std::uint32_t frontend = 0;
  std::uint32_t backend = UINT32_MAX;  // that was chosen; UINT32_MAX: none yet
  std::uint32_t server = UINT32_MAX;   // likewise
  std::uint32_t request_number = 0;    // on the client's connection, from 1
  base::TimeUs wall_us = 0;
  base::TimeUs accepted_wall_us = 0;  // the client's connection was
  std::int64_t process_id = 0;
  std::uint64_t* random_state = nullptr;
  std::string_view host_name;
  std::uint32_t lane = 0;
  bool stopping = false;
  /// How many seconds east of Greenwich this machine's clock is at a moment; null: 0.
  std::int32_t (*utc_offset)(std::int64_t seconds) = nullptr;
};

/// What a sample can be made of, and so when it can be had. A phase knows some of these.
enum Need : unsigned {
  need_nothing = 0,
  need_client = 1,   // the connection's addresses
  need_request = 2,  // the head of an HTTP request
  need_response = 4,
  need_head = 8,                  // either: that of the message which the rules are about
  need_backend = 64,              // the backend that the connection or request goes to
  need_server = 128,              // and its server
  need_content = 256,             // bytes that have come of a client
  need_body = 512,                // the message's body, which somebody keeps
  need_server_content = 1024,     // bytes that have come of a server
  need_either_content = 2048,     // of whom the rules are about
  need_server_connection = 4096,  // where there is one
};

/// Where an expression is evaluated.
struct Phase {
  std::string_view when;  // "a TCP connection's backend is chosen"
  unsigned has = 0;       // bits of Need
};
inline constexpr Phase phase_connection{"a connection has been accepted", need_client};
inline constexpr Phase phase_session{"the backend of a TCP connection is chosen",
                                     need_client | need_content | need_either_content};
inline constexpr Phase phase_content{"the first bytes of a connection are inspected",
                                     need_client | need_content | need_either_content};
inline constexpr Phase phase_server_content{"the first bytes of a server are inspected",
                                            need_client | need_server_content | need_either_content |
                                                need_backend | need_server | need_server_connection};
inline constexpr Phase phase_request{"a request's head has been read",
                                     need_client | need_request | need_head};
inline constexpr Phase phase_response{
    "a response's head has been read",
    need_client | need_response | need_head | need_backend | need_server | need_server_connection};
/// Rules about content in mode http: it is the head.
inline constexpr Phase phase_request_content{phase_request.when,
                                             phase_request.has | need_content | need_either_content};
inline constexpr Phase phase_response_content{phase_response.when,
                                              phase_response.has | need_server_content | need_either_content};
inline constexpr Phase phase_log{"a log line is written",
                                 need_client | need_backend | need_server | need_server_connection};

/// What a Need stands for: "the head of an HTTP request".
std::string_view need_text(Need need) noexcept;

class PatternSource;

/// The names that arguments refer to; positions are those of the configuration.
struct Names {
  struct Backend {
    std::string_view name;
    std::vector<std::string_view> servers;
    bool http = false;  // its mode
  };
  struct Table {
    std::string_view name;
    stick::TableShape shape;
  };
  std::vector<std::string_view> frontends;
  std::vector<Backend> backends;
  std::vector<std::string_view> user_lists;
  std::vector<Table> tables;  // by number
  /// The stick table of the frontend or backend whose expressions are read; none: it has none.
  std::optional<std::uint32_t> own_table;
  /// How many slots of requests and of responses are captured to in the frontend whose expressions are read;
  /// none: they are those of a backend, whose frontends may differ.
  std::optional<std::array<std::uint32_t, 2>> slots;
  PatternSource* patterns = nullptr;   // null: there are no files and no lists with an id
  VariableNames* variables = nullptr;  // where those that are named are noted; null: none may be
  bool request_bodies_kept = false;    // somewhere: by http_buffer_request, or a rule that waits for them
  bool response_bodies_kept = false;
  bool* hello_kept =
      nullptr;  // set where an expression asks for what clients' hellos offer; null: nobody cares
};

}  // namespace corelane::sample
