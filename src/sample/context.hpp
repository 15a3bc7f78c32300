// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "proto/http_head.hpp"
#include "stick/table.hpp"
#include "tls/connection.hpp"

namespace corelane::sample {

/// What the kernel has measured of a TCP connection.
struct TcpMeasures {
  std::uint32_t rtt_us = 0;
  std::uint32_t rtt_variance_us = 0;
  std::uint32_t unacked = 0;  // segments, as all below
  std::uint32_t sacked = 0;
  std::uint32_t lost = 0;
  std::uint32_t retransmitted = 0;
  std::uint32_t forward_acked = 0;
  std::uint32_t reordering = 0;
};

/// What the PROXY header said that the client's connection began with.
struct ProxyFacts {
  bool received = false;
  std::optional<std::string_view> authority;
  std::optional<std::string_view> unique_id;
};

struct Weights {
  std::uint32_t effective = 0;  // what the balance algorithm sees
  std::uint32_t set = 0;        // by agents and administrators
  std::uint32_t initial = 0;    // in the configuration
};

struct BackendTimeouts {
  std::int64_t server_ms = 0;
  std::int64_t tunnel_ms = 0;
};

/// What fetches can ask of the process while an expression is evaluated. The data path answers; these are for
/// what is asked rarely, everything else lies in Context.
class LiveState {
 public:
  /// The address that the client connected to.
  virtual base::Endpoint destination() const noexcept = 0;
  /// Both ends of the client's connection, whatever rules have set.
  virtual base::Endpoint connection_source() const noexcept = 0;
  virtual base::Endpoint connection_destination() const noexcept = 0;
  /// Both ends of the server's connection; Family::none where there is none.
  virtual base::Endpoint server_source() const noexcept = 0;
  virtual base::Endpoint server_destination() const noexcept = 0;

  virtual std::uint64_t process_connections() const noexcept = 0;
  virtual std::uint64_t frontend_connections(std::uint32_t frontend) const noexcept = 0;
  virtual std::uint64_t backend_connections(std::uint32_t backend) const noexcept = 0;
  virtual std::uint64_t server_connections(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// How many wait for one of the backend's servers, or for this one.
  virtual std::uint64_t backend_queue(std::uint32_t backend) const noexcept = 0;
  virtual std::uint64_t server_queue(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// Servers that get connections now: the active ones that are up, or else backups.
  virtual std::uint32_t servers_usable(std::uint32_t backend) const noexcept = 0;
  virtual bool server_is_up(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// How many more connections the backend's servers and their queues take; none: without limit.
  virtual std::optional<std::uint64_t> connection_slots(std::uint32_t backend) const noexcept = 0;

  /// The client's connection.
  virtual std::optional<TcpMeasures> client_measures() const noexcept = 0;
  virtual ProxyFacts proxy_header() const noexcept = 0;
  virtual bool is_local(const base::Endpoint& address) const noexcept = 0;
  virtual std::uint32_t bind() const noexcept = 0;  // position in its frontend
  virtual std::string_view bind_name() const noexcept = 0;

  virtual std::string_view backend_name(std::uint32_t backend) const noexcept = 0;
  virtual std::string_view server_name(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  virtual std::uint32_t server_id(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  virtual std::uint32_t frontends() const noexcept = 0;  // how many there are
  virtual std::uint32_t default_backend(std::uint32_t frontend) const noexcept = 0;
  virtual std::int64_t client_timeout_ms(std::uint32_t frontend) const noexcept = 0;
  virtual BackendTimeouts backend_timeouts(std::uint32_t backend) const noexcept = 0;
  virtual Weights server_weights(std::uint32_t backend, std::uint32_t server) const noexcept = 0;
  /// How many more connections a server, or all that get connections, take now; none: without limit.
  virtual std::optional<std::uint64_t> server_free(std::uint32_t backend,
                                                   std::uint32_t server) const noexcept = 0;
  virtual std::optional<std::uint64_t> backend_free(std::uint32_t backend) const noexcept = 0;
  /// Connections, or requests, in the last second.
  virtual std::uint64_t frontend_session_rate(std::uint32_t frontend) const noexcept = 0;
  virtual std::uint64_t frontend_request_rate(std::uint32_t frontend) const noexcept = 0;
  virtual std::uint64_t backend_session_rate(std::uint32_t backend) const noexcept = 0;
  virtual std::uint64_t server_session_rate(std::uint32_t backend, std::uint32_t server) const noexcept = 0;

 protected:
  ~LiveState() = default;
};

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

/// The first bytes of a connection, as far as they have come.
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
  VariableScopes* variables = nullptr;  // null where the configuration names none
  const StickView* stick = nullptr;     // null where there is no stick table
  const Content* content = nullptr;     // null where nothing is inspected
  const BodySource* body = nullptr;     // that of the message; null where it is not kept
  const RequestIdentity* identity = nullptr;
  const tls::Connection* client_tls = nullptr;  // null: the client's connection has no TLS
  const tls::Connection* server_tls = nullptr;  // likewise the server's, or there is none
  std::string_view server_tls_fault;  // why the handshake with it failed; lives for ever
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
  need_head = 8,       // either: that of the message which the rules are about
  need_backend = 64,   // the backend that the connection or request goes to
  need_server = 128,   // and its server
  need_content = 256,  // bytes that have come of a connection, or of the server's in rules about responses
  need_body = 512,     // the message's body, which somebody keeps
  need_server_connection = 1024,  // where there is one
};

/// Where an expression is evaluated.
struct Phase {
  std::string_view when;  // "a TCP connection's backend is chosen"
  unsigned has = 0;       // bits of Need
};
inline constexpr Phase phase_connection{"a connection has been accepted", need_client};
inline constexpr Phase phase_session{"the backend of a TCP connection is chosen", need_client | need_content};
inline constexpr Phase phase_content{"the first bytes of a connection are inspected",
                                     need_client | need_content};
inline constexpr Phase phase_server_content{
    "the first bytes of a server are inspected",
    need_client | need_content | need_backend | need_server | need_server_connection};
inline constexpr Phase phase_request{"a request's head has been read",
                                     need_client | need_request | need_head};
inline constexpr Phase phase_response{
    "a response's head has been read",
    need_client | need_response | need_head | need_backend | need_server | need_server_connection};
inline constexpr Phase phase_log{"a log line is written", need_client | need_server_connection};

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
  PatternSource* patterns = nullptr;   // null: there are no files and no lists with an id
  VariableNames* variables = nullptr;  // where those that are named are noted; null: none may be
  bool request_bodies_kept = false;    // somewhere: by http_buffer_request, or a rule that waits for them
  bool response_bodies_kept = false;
};

}  // namespace corelane::sample
