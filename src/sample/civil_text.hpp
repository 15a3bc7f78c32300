// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "sample/text_writer.hpp"

namespace corelane::sample {

/// A moment as people write it.
struct Civil {
  std::int64_t year = 1970;
  unsigned month = 1;  // from 1
  unsigned day = 1;
  unsigned weekday = 4;  // from 0, a Sunday
  unsigned year_day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  std::int64_t seconds = 0;       // since 1970
  std::int64_t nanoseconds = -1;  // of the second; -1: unknown
  std::int32_t utc_offset = 0;    // seconds east
};

/// `utc_offset` is how far east the clock is that shows it.
Civil civil_of(std::int64_t seconds, std::int32_t utc_offset) noexcept;

/// As strftime(3) does it in the C locale, and as date(1) %N, or %3N and the like, where nanoseconds are
/// known. A conversion that is not known is written as it stands.
void write_civil(const Civil& civil, std::string_view format, TextWriter& writer);

}  // namespace corelane::sample
