// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "balance/balancer.hpp"
#include "config/capture_slots.hpp"
#include "config/frontend_logs.hpp"
#include "config/frontend_rules.hpp"
#include "config/model.hpp"
#include "io/socket.hpp"
#include "io/socket_options.hpp"
#include "proxy/queue_board.hpp"
#include "sample/expression.hpp"
#include "stick/table.hpp"

namespace corelane::proxy {

enum class ServerStatus : std::uint32_t { up, down };

/// What the control thread tells lanes of a server.
struct ServerSettings {
  ServerStatus status = ServerStatus::up;
  std::uint32_t weight = 1;  // 0: no new connections
  /// Sixteenths (balance::weight_fine) of weight and connections_max in effect: less while it starts slowly.
  std::uint32_t ramp = balance::weight_fine;
  std::uint32_t connections_max = 0;  // 0: no limit
};

/// What all lanes and the control thread share of one server, on cache lines of its own.
struct alignas(128) ServerState {
  /// Written by the control thread, in Topology::publish alone.
  std::atomic<ServerStatus> status{ServerStatus::up};
  std::atomic<std::uint32_t> weight{0};
  std::atomic<std::uint32_t> ramp{0};
  std::atomic<std::uint32_t> connections_max{0};
  std::atomic<const io::SocketAddress*> address{nullptr};  // never null; what it points to never changes
  /// Where Server::error_limit says so. Written by lanes when a connection fails, and when one succeeds after
  /// that: failed ones in a row, and how often these have reached the limit.
  std::atomic<std::uint32_t> errors_in_a_row{0};
  std::atomic<std::uint32_t> error_limits_reached{0};
  /// Connections in the whole process. Written by lanes, and only in backends that need it
  /// (Backend::counts_connections).
  alignas(128) std::atomic<std::uint32_t> connections{0};
  /// Idle connections in the whole process. Written by lanes, where pool_max_connections says so.
  std::atomic<std::uint32_t> idle_connections{0};
};

struct Server {
  const config::Server* config = nullptr;
  ServerState* state = nullptr;
  std::uint32_t error_limit = 0;  // failed connections in a row that the control thread is told of; 0: none
  /// Positions in Topology::source_pools(). Empty: the kernel chooses where connections come from.
  std::vector<std::uint32_t> source_pools;
  io::SocketOptions socket_options;
  /// Its connections take more than a socket and an address: one of the two below, or socket_options.
  bool special = false;
  bool from_client = false;     // connections come from the client's address
  bool to_destination = false;  // and go to where the client wanted to go: it has no address of its own
  /// Makes the client's address of a request; none: it is that of its connection.
  std::optional<sample::Expression> client_expression;

  /// Lives as long as the topology.
  const io::SocketAddress& address() const noexcept {
    return *state->address.load(std::memory_order_acquire);
  }
};

struct Backend {
  const config::Backend* config = nullptr;
  const balance::Algorithm* algorithm = nullptr;
  balance::Options options;
  std::vector<Server> servers;
  /// The algorithm or a server's max_connections needs exact counts: lanes then write
  /// ServerState::connections.
  bool counts_connections = false;
  bool limited = false;        // one of its servers has, or may get, a limit
  bool ramps_weights = false;  // a slow start shows in weights: not in the map of a static algorithm
  /// Who waits for a place, where a server has a max_connections; null elsewhere. Made before lanes start.
  std::unique_ptr<QueueBoard> queue_board;
  /// Bumped by the control thread after it changed a server's status or weight; lanes look at it before each
  /// pick.
  alignas(128) std::atomic<std::uint32_t> generation{1};
};

/// What of each message of a frontend is kept in variables, for expressions that ask for it: nothing where
/// none does.
struct KeptCaptures {
  struct Field {
    std::size_t index = 0;  // in the frontend's capture
    sample::Variable variable;
  };
  std::vector<Field> request_fields;
  std::vector<Field> response_fields;
  std::vector<sample::Variable> request_slots;  // that rules may fill, in their order
  std::vector<sample::Variable> response_slots;
  std::optional<sample::Variable> method, uri, request_version, response_version;

  bool of_request() const noexcept { return !request_fields.empty() || method || uri || request_version; }
  bool of_response() const noexcept { return !response_fields.empty() || response_version; }
};

/// A source address, with its ports, towards one destination: a port is in use once for each of these.
/// Servers with the same configured address in several backends share it.
struct SourcePool {
  const config::SourceAddress* address = nullptr;
  io::SocketAddress destination;
};

/// The configuration made ready for lanes: addresses resolved, shared state beside each server. Made once at
/// start, outlives every lane; only the atomics change, and what only the control thread looks at.
class Topology {
 public:
  /// `server_addresses[b][s]` is the resolved address of each server.
  /// `seed` is what clients must not know: they could choose keys of stick tables that all meet.
  Topology(config::Model model, const std::vector<std::vector<io::SocketAddress>>& server_addresses,
           const stick::HashSeed& seed = {});
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  const config::Model& model() const noexcept { return model_; }
  std::deque<Backend>& backends() noexcept { return backends_; }
  const std::deque<Backend>& backends() const noexcept { return backends_; }

  const std::vector<SourcePool>& source_pools() const noexcept { return source_pools_; }

  /// Null: this frontend has none.
  const config::FrontendRules* rules(std::uint32_t frontend) const noexcept { return rules_[frontend].get(); }
  const config::BackendRules* backend_rules(std::uint32_t backend) const noexcept {
    return backend_rules_[backend].get();
  }
  const config::FrontendLogs& logs(std::uint32_t frontend) const noexcept { return logs_[frontend]; }
  const config::CaptureSlots& capture_slots(std::uint32_t frontend) const noexcept {
    return capture_slots_[frontend];
  }
  /// The variables that keep captured parts of this frontend's messages.
  const KeptCaptures& kept_captures(std::uint32_t frontend) const noexcept {
    return kept_captures_[frontend];
  }
  /// Whether something is evaluated in lanes: rules, or samples in log lines.
  bool any_rules() const noexcept;
  /// Whether a rule changes a list of patterns.
  bool rules_change_patterns() const noexcept;
  /// Whether a rule sets a place in queues.
  bool rules_set_priorities() const noexcept;
  /// Whether rules for this frontend's requests may wait for the end of the TLS handshake.
  bool waits_for_handshakes(std::uint32_t frontend) const noexcept { return waits_for_handshakes_[frontend]; }
  /// Whether some expression asks for what clients' hellos offer.
  bool keeps_hellos() const noexcept { return keeps_hellos_; }
  /// The variables that rules name.
  const sample::VariableNames& variable_names() const noexcept { return variable_names_; }
  /// Null where no rule names one of the process. Lanes read and write them.
  sample::ProcessVariables* process_variables() const noexcept { return process_variables_.get(); }

  /// By their numbers (config::for_each_table). Lanes and the control thread use them at once.
  std::span<const std::unique_ptr<stick::Table>> tables() const noexcept { return tables_; }

  /// Whether a server of any backend is where its client wanted to go.
  bool any_to_destination() const noexcept { return any_to_destination_; }
  /// What PROXY headers say is passed on to some server, or leads to a server's address.
  bool any_needs_proxy_headers() const noexcept { return any_needs_proxy_headers_; }

  /// Control thread: every lane knows from its next choice on. control::ServerConditions calls it.
  void publish(std::uint32_t backend, std::uint32_t server, const ServerSettings& settings);

  /// Addresses that one server may have had: lanes may look at any of them at any time, so all are kept.
  static constexpr std::size_t addresses_of_server_max = 256;
  bool takes_address(std::uint32_t backend, std::uint32_t server, const std::string& text) const;
  /// Control thread: every lane connects there from its next attempt on. takes_address() must hold.
  void set_address(std::uint32_t backend, std::uint32_t server, const io::SocketAddress& address,
                   const std::string& text);
  /// Control thread: the server's address as it was written.
  const std::string& address_text(std::uint32_t backend, std::uint32_t server) const;

 private:
  struct KnownAddress {
    io::SocketAddress address;
    std::string text;
  };

  void compile_rules();
  void find_kept_captures();
  void find_handshake_waits();
  std::uint32_t source_pool(const config::SourceAddress& address, const io::SocketAddress& destination);

  config::Model model_;
  sample::VariableNames variable_names_;
  std::unique_ptr<sample::ProcessVariables> process_variables_;
  std::vector<std::unique_ptr<const config::FrontendRules>> rules_;
  std::vector<std::unique_ptr<const config::BackendRules>> backend_rules_;
  std::vector<config::FrontendLogs> logs_;
  std::vector<config::CaptureSlots> capture_slots_;
  std::vector<KeptCaptures> kept_captures_;
  std::vector<std::unique_ptr<stick::Table>> tables_;
  std::deque<ServerState> states_;
  std::deque<Backend> backends_;
  std::vector<std::vector<std::deque<KnownAddress>>> addresses_;  // [backend][server], with the present one
  std::vector<SourcePool> source_pools_;
  std::map<std::string, std::uint32_t> source_pool_numbers_;
  bool any_to_destination_ = false;
  bool any_needs_proxy_headers_ = false;
  bool any_client_expression_ = false;
  bool keeps_hellos_ = false;
  std::vector<bool> waits_for_handshakes_;
};

/// The servers a backend may use now, by the rules for backups: active servers that are up; else the first
/// backup that is up, or all of them with all_backups. Weight 0 elsewhere. `views` has one element per
/// server. The result is the unit of the weights (balance::State::weight_unit).
std::uint32_t backend_views(const Backend& backend, std::vector<balance::ServerView>& views);

/// What connections from this source ask of the kernel. The result refers to `source`.
io::SocketOptions socket_options_of(const config::Source& source);

/// Has a weight, and is up.
bool usable(const Server& server);

}  // namespace corelane::proxy
