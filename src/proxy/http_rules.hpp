// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "proxy/lane_rules.hpp"

namespace corelane::proxy {

struct RequestJudged {
  /// 0: the request passes. Else the status that it gets, by LaneRules::answer or, where that is empty, by
  /// its error page.
  std::uint16_t status = 0;
  std::uint32_t backend = config::no_index;  // none: a rule of the frontend has answered
};

/// Looks at the rules of a request: those of http_request, those that choose the backend, and that one's.
/// `input.request` becomes the request as they have changed it, in memory of the lane's that is good until
/// the next one is judged.
RequestJudged judge_request(RuleInput& input);

}  // namespace corelane::proxy
