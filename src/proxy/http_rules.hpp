// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/http_edit.hpp"
#include "proxy/lane_rules.hpp"

namespace corelane::proxy {

/// Looks at the rules of http_request in their order; those about fields are noted for edit_fields(). 0: the
/// request passes. Else the status that it gets, by LaneRules::answer or, where that is empty, by its error
/// page.
std::uint16_t judge_request(const RuleInput& input);

/// Carries out what judge_request() noted of a request that passed. Conditions and values are about the
/// request as it came. False: the head does not have so much room.
bool edit_fields(const RuleInput& input, proto::HttpHeadEdits& edits);

}  // namespace corelane::proxy
