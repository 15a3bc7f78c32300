// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "logfmt/record.hpp"
#include "proxy/lane_rules.hpp"

namespace corelane::proxy {

/// Where the frontend's log lines have samples in them: these, with `text` behind them, in memory of the lane
/// that the next line takes again. Elsewhere `text`.
std::string_view with_log_values(const RuleInput& input, const logfmt::ConnectionRecord& record,
                                 std::string_view text);

}  // namespace corelane::proxy
