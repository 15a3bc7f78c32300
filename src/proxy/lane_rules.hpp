// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "config/frontend_rules.hpp"
#include "proto/http_head.hpp"
#include "proxy/error_pages.hpp"
#include "proxy/live_state.hpp"
#include "sample/sample.hpp"

namespace corelane::proxy {

struct LaneState;
struct Session;

/// What one lane needs to evaluate rules; made only where a frontend has some.
struct LaneRules {
  LaneRules(const Topology& topology, std::uint64_t seed);

  std::array<char, 32 * 1024> memory;           // of arena
  std::array<char, error_page_bytes_max> text;  // of a template, while it is used
  std::array<char, error_page_bytes_max> page;
  PageView answer;  // in `page`: what the request that was judged last gets; without a text: nothing
  /// What judge_request() has noted; with room for every rule of a frontend.
  std::vector<const config::FrontendRules::HttpRule*> edits;
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

/// Null: the frontend has none.
const config::FrontendRules* rules_of(const RuleInput& input);

/// What rules are evaluated on: made of the input, and as short-lived.
class RuleScene {
 public:
  explicit RuleScene(const RuleInput& input);
  RuleScene(const RuleScene&) = delete;
  RuleScene& operator=(const RuleScene&) = delete;

  rules::Evaluation evaluation() const { return {context_, arena_}; }

 private:
  ProcessState live_;
  sample::Context context_;
  sample::Arena& arena_;
};

/// Where use_backend sends it; its frontend's default_backend where no rule applies.
std::uint32_t backend_by_rules(const RuleInput& input);
/// Whether monitor_fail holds.
bool monitor_fails(const RuleInput& input);

}  // namespace corelane::proxy
