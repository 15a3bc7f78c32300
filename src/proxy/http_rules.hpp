// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "proxy/lane_rules.hpp"
#include "proxy/rule_wait.hpp"

namespace corelane::proxy {

/// What rules have made of a message.
struct Judged {
  /// 0: it passes. Else the status that the client gets, by LaneRules::answer or, where that is empty, by its
  /// error page.
  std::uint16_t status = 0;
  bool rejected = false;  // the connection is over, without an answer
  bool held = false;      // the answer goes out after the time-out `tarpit`

  bool passes() const noexcept { return status == 0 && !rejected; }
};

struct RequestJudged : Judged {
  std::uint32_t backend = config::no_index;  // none: a rule of the frontend has ended it
};

/// Looks at the rules of a request: those of tcp_request.content and http_request, those that choose the
/// backend, and that one's.
/// `input.request` becomes the request as they have changed it, in memory of the lane's that is good until
/// the next one is judged. They begin, or go on, where `wait` says; where it says afterwards that it waits,
/// nothing else has been decided but the backend, which `input` has to have when they go on.
RequestJudged judge_request(RuleInput& input, RuleWait& wait);

/// The same of a server's response, tcp_response.content of its backend and http_response.
Judged judge_response(RuleInput& input, RuleWait& wait);

/// Whether rules of http_after_response have a say here.
bool has_after_rules(const RuleInput& input);
/// Looks at these for a response whose changes are noted in HttpLane::edits. `input.response` becomes what
/// all that makes of it. False: that is not possible.
bool judge_after_response(RuleInput& input);

}  // namespace corelane::proxy
