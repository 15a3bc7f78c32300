// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace corelane::logfmt {

/// Which lines of every `size` go to a target: "1,3-4:10" are the first, third and fourth of ten. A load of
/// lines is spread over several targets in this way.
struct LogSample {
  struct Range {
    std::uint32_t first = 1;  // counted from 1, both included
    std::uint32_t last = 1;

    friend bool operator==(const Range&, const Range&) = default;
  };
  std::vector<Range> ranges;  // ascending, apart; none: every line
  std::uint32_t size = 0;

  /// `line` counts the target's lines from 0.
  bool takes(std::uint64_t line) const noexcept;

  friend bool operator==(const LogSample&, const LogSample&) = default;
};

struct LogSampleRead {
  std::optional<LogSample> sample;
  std::string fault;  // where there is none
};
LogSampleRead read_log_sample(std::string_view text);
/// The text again.
std::string log_sample_text(const LogSample& sample);

}  // namespace corelane::logfmt
