// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "config/frontend_rules.hpp"
#include "proto/http_head.hpp"
#include "sample/sample.hpp"

namespace corelane::proxy {

struct LaneState;
struct Session;

/// What one lane needs to evaluate rules; made only where a frontend has some.
struct LaneRules {
  explicit LaneRules(std::uint64_t seed) : random_state(seed | 1) {}

  std::array<char, 32 * 1024> memory;  // of arena
  sample::Arena arena{memory};
  std::uint64_t random_state;
};

/// What rules can look at now: a connection, and in mode http its request.
struct RuleInput {
  LaneState& lane;
  const Session& session;
  const proto::HttpRequestHead* request = nullptr;  // null in mode tcp
  std::uint32_t request_number = 0;
};

/// Where use_backend sends it; its frontend's default_backend where no rule applies.
std::uint32_t backend_by_rules(const RuleInput& input);
/// Whether monitor_fail holds.
bool monitor_fails(const RuleInput& input);

}  // namespace corelane::proxy
