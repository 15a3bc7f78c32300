// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "proxy/lane.hpp"
#include "sim/http_peers.hpp"
#include "sim/kernel.hpp"
#include "sim/peers.hpp"
#include "stats/sum.hpp"

namespace corelane::sim {

/// What the control thread does at some time.
struct ControlStep {
  TimeUs at = 0;
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  bool up = false;             // the server's new status
  bool ends_sessions = false;  // lists some of the backend's sessions and ends those of the server, instead
};

struct ClientPlan {
  std::uint32_t frontend = 0;
  TimeUs arrives_at = 0;
  Script script;
  Opening opening;  // used where its listener wants one
};

/// Everything a seed decides before the lane starts.
struct Plan {
  config::Model model;
  std::vector<std::vector<io::SocketAddress>> server_addresses;
  std::vector<std::vector<HostHabits>> hosts;
  std::vector<ClientPlan> clients;
  std::optional<HttpPlan> http;  // instead of `hosts` and `clients`: everybody speaks HTTP
  std::vector<ControlStep> control;
  Weather weather;
  proxy::PortRuns system_ports;  // for source addresses without a range; none: the kernel chooses
  proxy::LaneOptions lane;
  std::uint32_t lanes = 1;
  bool listeners_shared = false;   // all lanes accept on the same one, or each on its own
  std::size_t listeners_used = 1;  // clients come to the first ones only, so that lanes are uneven
  std::uint32_t max_connections = 0;
  std::size_t backlog = 0;
  /// Nobody breaks, stalls for long or is told to stop: every connection must then complete.
  bool gentle = false;
  TimeUs drain_at = base::time_never;  // not gentle: whatever still goes on then
  TimeUs stop_at = base::time_never;
};

Plan make_plan(std::uint64_t seed);
/// Makes it a plan of HTTP.
void make_http(Plan& plan, Random& random);

/// What the lane left behind, and what the peers saw of it.
struct Outcome {
  const Plan& plan;
  Kernel& kernel;
  const Peers& peers;
  const std::deque<Client>& clients;
  const std::vector<logfmt::ConnectionRecord>& records;
  const std::vector<std::string>& texts;  // one for each record
  const HttpWorld& http;
  std::uint64_t log_dropped;
  stats::Lanes lanes;
  const proxy::Topology& topology;
  TimeUs stop_at;  // on the kernel's clock
};

/// Each fails the run where something is not as it must be. The books are looked at while the lane lives, the
/// connections after the peers' last words.
/// Whether a server of the plan has the property.
bool any_server_has(const Outcome& outcome, bool (*property)(const config::Server&));
/// Whether what happens to connections of either mode, apart from what their ends do and from time-outs, can
/// have ended one for this reason.
bool surroundings_explain(const Outcome& outcome, logfmt::EndReason reason);
void check_books(const Outcome& outcome);
void check_present_values(const Outcome& outcome);
void check_shares(const Outcome& outcome);
void check_http_books(const Outcome& outcome);
void check_http_connections(const Outcome& outcome);
void check_http_times(const Outcome& outcome, const logfmt::ConnectionRecord& record,
                      const HttpClient& client, const HttpRequest* request);
void check_connections(const Outcome& outcome);
void check_times(const Outcome& outcome, const logfmt::ConnectionRecord& record, const Peer& client);
/// Whether the client, or its server, had used up its time when the program gave the connection up.
bool timed_out(const Outcome& outcome, const logfmt::ConnectionRecord& record, const Peer& client,
               bool server);

struct RunCounts {
  std::uint64_t connections = 0;
  std::uint64_t exchanges = 0;  // of HTTP
  std::uint64_t reused = 0;     // of these, on connections that servers had answered on before
  std::uint64_t repeated = 0;   // requests that came to servers again
  std::uint64_t completed = 0;
  std::uint64_t handed_over = 0;  // from lane to lane
  std::uint64_t splices = 0;
  std::uint64_t relays = 0;
  std::uint64_t buffers_exhausted = 0;
  std::uint64_t operations = 0;
};

/// Runs one seed. Calls `on_failure`, which must not return, at the first thing that is wrong.
void run_scenario(std::uint64_t seed, bool traced, const Kernel::FailureHandler& on_failure,
                  RunCounts& counts);

}  // namespace corelane::sim
