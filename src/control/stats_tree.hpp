// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "control/health_checks.hpp"
#include "control/rates.hpp"
#include "control/server_conditions.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"

namespace corelane::control {

/// What the process knows about itself and does not change while it runs.
struct ProcessFacts {
  std::string version;   // of Corelane
  std::string kernel;    // release
  std::string io_uring;  // features in use, in words
  std::int64_t pid = 0;
  std::uint32_t connections_max = 0;
  base::TimeUs started_at = 0;  // on the control loop's clock
  /// Where each frontend listens, as the kernel has it; `frontend` is its position.
  struct Listener {
    std::uint32_t frontend = 0;
    std::string address;
  };
  std::vector<Listener> listeners;
};

/// What of it changes.
struct ProcessState {
  bool accepting = true;
  std::uint64_t log_lines = 0;    // handed to a log target
  std::uint64_t log_dropped = 0;  // lost at a log target; lanes count what was lost before
  std::uint64_t admin_requests = 0;
};

/// Everything the tree is made of. Read at any time by the control thread; lanes are never paused for it.
struct StatsSources {
  const proxy::Topology& topology;
  const std::vector<const stats::LaneBlock*>& blocks;
  const HealthChecks& checks;
  const ServerConditions& conditions;
  const Rates& rates;
  const ProcessFacts& facts;
};

/// What may change of a server by itself or by others: its state, weight and address.
nlohmann::ordered_json server_standing_tree(const proxy::Topology& topology,
                                            const ServerConditions& conditions, std::uint32_t backend,
                                            std::uint32_t server);

/// GET /stats: numbers are numbers, words are words. Keys of counters come from the tables in
/// stats/counters.hpp.
nlohmann::ordered_json stats_tree(const StatsSources& sources, const ProcessState& state, base::TimeUs now);
std::string stats_text(const StatsSources& sources, const ProcessState& state, base::TimeUs now);

}  // namespace corelane::control
