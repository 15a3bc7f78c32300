// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace corelane::check {

/// How a health check ended.
enum class CheckStatus : std::uint8_t {
  initializing,  // no check has ended yet
  l4_ok,
  l4_timeout,
  l4_connect,
  l6_ok,
  l6_timeout,
  l6_response,
  l7_ok,
  l7_ok_conditional,
  l7_timeout,
  l7_response,
  l7_status,
  health_analyze,
  count,
};

struct CheckStatusRow {
  CheckStatus status;
  std::string_view word;         // "L4CON", as HAProxy's statistics say
  std::string_view description;  // "Layer4 connection problem", as HAProxy's log lines say
  bool passed;
  std::string_view help;
};

const CheckStatusRow& check_status_row(CheckStatus status);

}  // namespace corelane::check
