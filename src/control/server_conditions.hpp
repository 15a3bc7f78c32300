// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "check/server_condition.hpp"
#include "control/loop.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

/// What a server comes to has changed, or a step of its slow start was taken. Lanes know already.
struct StandingChange {
  std::uint32_t backend = 0;
  std::uint32_t server = 0;
  check::Standing before;
  check::Standing after;

  bool went_down() const noexcept { return before.serving() && !after.serving(); }
  bool came_up() const noexcept { return !before.serving() && after.serving(); }
};

/// Every server's condition, and the only place that tells lanes of their states and weights: who has
/// something to say of a server (checks, agents, tracked servers, the administrator) says it here. Lanes have
/// it, and the listeners have been called, when a call returns. Lives in the control thread.
class ServerConditions {
 public:
  using Listener = std::function<void(const StandingChange& change)>;

  ServerConditions(Loop& loop, proxy::Topology& topology);
  ServerConditions(const ServerConditions&) = delete;
  ServerConditions& operator=(const ServerConditions&) = delete;
  /// No slow start is under way: stop() has been called, or none ever was.
  ~ServerConditions();

  /// Listeners are called in the order in which they came; one may say something of other servers.
  void on_change(Listener listener) { listeners_.push_back(std::move(listener)); }
  /// Takes no further step of any slow start.
  void stop();

  const check::ServerCondition& condition(std::uint32_t backend, std::uint32_t server) const {
    return entry(backend, server).condition;
  }
  check::Standing standing(std::uint32_t backend, std::uint32_t server) const;

  void set_check(std::uint32_t backend, std::uint32_t server, check::Opinion opinion);
  void set_agent(std::uint32_t backend, std::uint32_t server, check::Opinion opinion);
  void set_tracked(std::uint32_t backend, std::uint32_t server, std::optional<check::ServerWord> word);
  void set_admin(std::uint32_t backend, std::uint32_t server, check::AdminState state);
  /// Only where Backend::limited: lanes count connections nowhere else.
  void set_connections_max(std::uint32_t backend, std::uint32_t server, std::uint32_t limit);
  /// Nothing, or in words why the backend's algorithm cannot have this weight; then nothing has changed.
  std::optional<std::string> set_weight(std::uint32_t backend, std::uint32_t server, std::uint32_t weight);
  /// An agent's: of the configured weight, at most 256 comes of it.
  std::optional<std::string> set_weight_percent(std::uint32_t backend, std::uint32_t server,
                                                std::uint32_t percent);

 private:
  struct Entry {
    Entry(ServerConditions& owner_in, std::uint32_t backend_in, std::uint32_t server_in,
          const check::ServerConditionOptions& options);

    ServerConditions& owner;
    std::uint32_t backend;
    std::uint32_t server;
    check::ServerCondition condition;
    check::Standing told;
    base::Timer timer;  // the next step of a slow start
  };

  static void step_due(base::Timer& timer);
  const Entry& entry(std::uint32_t backend, std::uint32_t server) const;
  Entry& entry(std::uint32_t backend, std::uint32_t server);
  /// Tells lanes and listeners what is new, and plans the next step.
  void settle(Entry& entry);
  std::uint64_t ring_weight_with(const Entry& changed, std::uint32_t weight) const;

  Loop& loop_;
  proxy::Topology& topology_;
  std::vector<std::deque<Entry>> entries_;  // [backend][server]
  std::vector<Listener> listeners_;
};

}  // namespace corelane::control
