// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/intrusive_list.hpp"
#include "check/registry.hpp"
#include "control/check_place.hpp"
#include "control/check_turn.hpp"
#include "control/loop.hpp"
#include "control/probe_sockets.hpp"
#include "control/server_agent.hpp"
#include "control/server_check.hpp"
#include "control/tls_checks.hpp"
#include "control/transitions.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

/// Runs the checks, and asks the agents, of every server that has them, and tells the servers' conditions. A
/// server under maintenance is not checked. Lives in the control thread, as long as the conditions change.
class HealthChecks {
 public:
  /// Checks under way; the others wait their turn.
  static constexpr std::size_t concurrent_max = 256;

  /// `tls` is for checks over TLS, and `seed` scatters the first checks.
  HealthChecks(Loop& loop, const proxy::Topology& topology, Transitions& transitions,
               const CheckAddresses& addresses, TlsChecks tls, std::uint64_t seed);
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;
  /// idle() must hold.
  ~HealthChecks();

  /// Plans the first check of every server, scattered over its interval.
  void start();
  /// Plans no more and ends what is under way; turn the loop until idle().
  void stop();
  bool idle() const noexcept { return under_way_ == 0; }

  /// Clients' connections to a checked server failed as often in a row as its error_limit says.
  void errors_observed(std::uint32_t backend, std::uint32_t server);

  /// What is to replace contexts of checks over TLS, by their positions; null leaves one as it is. Checks
  /// under way go on with what they began with.
  void replace_tls(std::vector<proxy::TlsServerPlace> contexts);

  /// Null for a server that is not checked.
  const ServerCheck* find(std::uint32_t backend, std::uint32_t server) const;
  /// Null for a server without an agent.
  const ServerAgent* find_agent(std::uint32_t backend, std::uint32_t server) const;

 private:
  friend class ServerCheck;
  friend class ServerAgent;

  void add_server(std::uint32_t backend, std::uint32_t server, const check::Plan* plan,
                  const CheckAddresses& addresses);
  /// For checks and agents: asks for a turn; begin() follows now or later.
  void request_turn(CheckTurn& turn);
  /// While a check or an agent has its turn: what it connects with.
  CheckConnection& take_connection();
  void release_turn(CheckConnection* connection);
  void serve_waiting();
  void follow_maintenance(const StandingChange& change);
  /// For checks: what a server's says of it is new.
  void changed(const ServerCheck& check);
  Transitions& transitions() noexcept { return transitions_; }
  bool stopping() const noexcept { return stopping_; }

  Loop& loop_;
  const proxy::Topology& topology_;
  Transitions& transitions_;
  std::uint64_t seed_;
  TlsChecks tls_;
  ProbeSockets probe_sockets_;
  std::deque<CheckConnection> connections_;          // as many as were in use at once
  std::vector<CheckConnection*> connections_free_;   // of them, the last one used at the end
  std::vector<std::unique_ptr<check::Plan>> plans_;  // of the backends that have a check
  std::vector<std::unique_ptr<ServerCheck>> checks_;
  std::vector<std::vector<ServerCheck*>> check_of_server_;  // [backend][server], null when not checked
  std::vector<std::unique_ptr<ServerAgent>> agents_;
  std::vector<std::vector<ServerAgent*>> agent_of_server_;  // as above
  base::List waiting_;
  std::size_t under_way_ = 0;
  bool serving_ = false;
  bool stopping_ = false;
};

}  // namespace corelane::control
