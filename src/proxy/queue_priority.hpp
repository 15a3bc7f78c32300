// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace corelane::proxy {

/// Where a stream stands among those that wait for a server, by rules: HAProxy's classes and offsets.
struct QueuePriority {
  static constexpr std::int64_t class_max = 2047;
  static constexpr std::int64_t offset_ms_max = 524'287;

  void set_class(std::int64_t number) noexcept {
    level = static_cast<std::int16_t>(std::clamp(number, -class_max, class_max));
  }
  void set_offset_ms(std::int64_t ms) noexcept {
    offset_ms = static_cast<std::int32_t>(std::clamp(ms, -offset_ms_max, offset_ms_max));
  }

  /// Of those that wait the one with the least goes first: a time, where nothing is set.
  base::TimeUs rank(base::TimeUs since) const noexcept {
    return level * class_span_us + since + base::ms_to_us(offset_ms);
  }

  std::int16_t level = 0;
  std::int32_t offset_ms = 0;

 private:
  // 35 years: no time of a process reaches into the next class.
  static constexpr base::TimeUs class_span_us = base::TimeUs{1} << 50U;
};

/// What rules have made of a request or TCP connection beside its messages, while it lasts.
struct RuledStream {
  QueuePriority priority;
  std::int8_t log_level = -1;        // the syslog level that a rule about content has set; -1: none has
  bool unlogged = false;             // one has set `silent`
  std::uint32_t last_rule_line = 0;  // in the configuration, of the last one that decided; 0: none did
};

}  // namespace corelane::proxy
