// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "balance/hash.hpp"
#include "config/model_address.hpp"
#include "config/model_health.hpp"
#include "config/model_http.hpp"
#include "config/model_log.hpp"
#include "config/model_proxy.hpp"
#include "config/model_rules.hpp"
#include "config/model_source.hpp"
#include "config/model_stick.hpp"
#include "config/model_tls.hpp"

/// The configuration as the rest of the program sees it: decoded, checked, every default filled in, names
/// resolved to indexes. Immutable once made. Times are milliseconds (0: no limit), sizes bytes.
namespace corelane::config {

enum class Mode : std::uint8_t { tcp, http };
enum class HashExpression : std::uint8_t { src };

struct KeepAlive {
  bool enabled = false;
  std::int64_t idle_ms = 0;  // 0: the system's value, as for the next two
  std::int64_t interval_ms = 0;
  std::uint32_t count = 0;

  friend bool operator==(const KeepAlive&, const KeepAlive&) = default;
};

struct Timeouts {
  std::int64_t connect_ms = 0;
  std::int64_t queue_ms = 0;
  std::int64_t client_ms = 0;
  std::int64_t server_ms = 0;
  std::int64_t client_fin_ms = 0;
  std::int64_t server_fin_ms = 0;
  std::int64_t check_ms = 0;
  std::int64_t client_hs_ms = 0;
  // http; 0: none of its own
  std::int64_t http_request_ms = 0;     // a request's whole head; else client
  std::int64_t tarpit_ms = 0;           // how long refused requests are held; 0: the time-out connect
  std::int64_t http_keep_alive_ms = 0;  // until a further request begins; else http_request
  std::int64_t tunnel_ms = 0;           // after an upgrade, for both sides; else client and server

  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

struct Admin {
  std::vector<Address> bind;  // ip, host or unix_path

  friend bool operator==(const Admin&, const Admin&) = default;
};

struct Tune {
  std::uint32_t buffer_size = 0;        // bytes of one receive buffer
  std::uint32_t buffers_max = 0;        // per lane; 0: derived from max_connections
  std::uint32_t pipes_max = 0;          // per lane; 0: no splicing
  std::uint32_t pipe_size = 0;          // bytes
  std::uint32_t tls_session_cache = 0;  // places for sessions of TLS 1.2 without tickets; 0: none are kept
  HttpLimits http;

  friend bool operator==(const Tune&, const Tune&) = default;
};

struct Global {
  std::uint32_t reactors = 0;         // 0: "auto", one per CPU allowed to the process
  bool pin = true;                    // lane N runs on the Nth allowed CPU
  bool even_lanes = true;             // new connections go to a lane with fewer where one is ahead
  std::uint32_t max_connections = 0;  // 0: derived from the descriptor limit
  std::int64_t drain_timeout_ms = 0;  // 0: no limit
  std::vector<LogTarget> log;
  std::string log_tag;            // who speaks, in syslog's words
  std::string log_send_hostname;  // empty: none is sent; "auto": the system's
  Admin admin;
  Tune tune;

  friend bool operator==(const Global&, const Global&) = default;
};

struct Bind {
  std::string name;  // empty: none
  Address address;
  std::string interface;          // SO_BINDTODEVICE; empty: any
  std::uint32_t backlog = 0;      // 0: max_connections of the frontend, at most the system's somaxconn
  bool defer_accept = false;      // TCP_DEFER_ACCEPT
  std::uint32_t max_segment = 0;  // TCP_MAXSEG; 0: the system's
  bool ipv6_only = false;
  std::uint32_t socket_mode = 0;  // permission bits of a UNIX socket's file; 0: as umask leaves them
  bool transparent = false;       // IP_TRANSPARENT: takes connections to addresses of other machines
  bool freebind = false;          // IP_FREEBIND: the address may be missing
  SocketMarks marks;
  AcceptProxy accept_proxy;
  std::optional<BindTls> tls;

  friend bool operator==(const Bind&, const Bind&) = default;
};

struct Frontend {
  std::string name;
  Mode mode = Mode::tcp;
  std::vector<Bind> bind;
  std::uint32_t max_connections = 0;  // 0: only the process's limit
  Timeouts timeouts;                  // client_ms, client_fin_ms and client_hs_ms matter here
  KeepAlive keep_alive;               // towards clients
  std::vector<LogTarget> log;         // empty: those of global.log
  std::string log_format;             // a word of log_format_words(), or a format with % in it
  std::string error_log_format;       // likewise; empty: log_format
  bool dont_log_null = false;         // no log line for connections that carried no byte
  std::string unique_id_format;       // a text with samples; empty: none
  std::string unique_id_header;       // the field in which servers get it; empty: none
  std::optional<StickTable> stick_table;
  std::vector<Acl> acls;
  RuleLists rules;
  std::int64_t inspect_delay_ms = 0;         // how long rules about the first bytes may wait
  std::vector<UseBackend> use_backend;       // the first that applies decides
  std::uint32_t default_backend = no_index;  // of the same mode
  HttpFrontend http;

  /// Whether connections or requests may come from here to this backend.
  bool leads_to(std::uint32_t backend) const noexcept {
    return default_backend == backend ||
           std::any_of(use_backend.begin(), use_backend.end(), [backend](const UseBackend& rule) {
             return rule.backend == backend || rule.backend == no_index;
           });
  }

  friend bool operator==(const Frontend&, const Frontend&) = default;
};

/// One row of the registry in balance/balancer.hpp names each algorithm; this holds its row number.
struct Balance {
  std::uint32_t algorithm = 0;
  HashExpression expression = HashExpression::src;  // hash: what is hashed
  std::uint32_t draws = 2;       // random: servers drawn, the least loaded of which is taken
  std::uint32_t len = 0;         // uri: bytes that count; 0: all
  std::uint32_t depth = 0;       // uri: directories that count; 0: all
  bool whole = false;            // uri: with the query
  bool path_only = false;        // uri: without scheme and authority
  std::string param;             // url_param
  bool check_post = false;       // url_param: also in the body of a POST
  std::string name;              // hdr: the field's
  bool use_domain_only = false;  // hdr

  friend bool operator==(const Balance&, const Balance&) = default;
};

/// What follows on the server's connection once the client has closed.
enum class ClosePolicy : std::uint8_t {
  fin,           // the server is told at once, and closes after us
  server_first,  // the server may close first for a while
  reset,         // a reset, once the server has acknowledged every byte
};

struct Close {
  ClosePolicy policy = ClosePolicy::fin;
  std::int64_t wait_ms = 0;  // server_first

  friend bool operator==(const Close&, const Close&) = default;
};

struct Server : ServerHealth, ServerHttp {
  std::string name;
  std::uint32_t id = 0;      // in stick tables; unique in its backend
  Mode mode = Mode::tcp;     // its backend's
  Address address;           // ip, host or unix_path
  std::uint32_t weight = 1;  // 0 to 256; 0: no new connections
  bool backup = false;
  std::uint32_t max_connections = 0;  // 0: no limit
  std::uint32_t min_connections = 0;  // 0: max_connections is the limit always
  std::uint32_t max_queue = 0;        // 0: no limit
  std::int64_t slow_start_ms = 0;     // after it was down: until it takes its whole share
  SendProxy send_proxy;
  std::optional<ServerTls> tls;
  Source source;
  bool non_stick = false;  // no stick table keeps clients here

  /// TLS of its checks: what they say of it, or that of connections where these are what is checked.
  std::optional<CheckTls> check_tls() const;

  friend bool operator==(const Server&, const Server&) = default;
};

struct Backend {
  std::string name;
  Mode mode = Mode::tcp;
  Balance balance;
  balance::Hash hash;                     // of algorithms that hash; the function of source is xor_words
  std::uint32_t hash_balance_factor = 0;  // consistent hashing: percentage of the mean load; 0: no bound
  std::uint32_t retries = 0;
  bool redispatch = false;
  std::uint32_t full_connections = 0;  // at which servers with min_connections reach max_connections
  bool all_backups = false;            // use every backup server together instead of the first
  Timeouts timeouts;                   // connect, server, server_fin and check matter here
  KeepAlive keep_alive;                // towards servers
  Close close;
  Check check;
  std::optional<StickTable> stick_table;
  std::vector<Server> servers;
  std::vector<Acl> acls;
  RuleLists rules;
  std::int64_t inspect_delay_ms = 0;           // as a frontend's
  std::int64_t response_inspect_delay_ms = 0;  // the same of a server's first bytes
  std::vector<UseServer> use_server;           // the first that applies and whose server is up decides
  std::vector<StickRule> stick;
  HttpBackend http;

  friend bool operator==(const Backend&, const Backend&) = default;
};

/// What the file is called. Two that differ in nothing else are equal.
struct FileName {
  std::string text;

  friend bool operator==(const FileName&, const FileName&) { return true; }
};

struct Model {
  Global global;
  std::vector<Frontend> frontends;
  std::vector<Backend> backends;
  std::vector<ErrorGroup> errors;
  std::vector<UserList> user_lists;
  PatternFiles pattern_files;
  FileName file;

  friend bool operator==(const Model&, const Model&) = default;
};

}  // namespace corelane::config
