// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace corelane::base {

/// A date and time of day, of the Gregorian calendar.
struct CivilTime {
  std::int64_t year = 1970;
  unsigned month = 1;  // 1 to 12
  unsigned day = 1;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  unsigned microsecond = 0;

  unsigned millisecond() const noexcept { return microsecond / 1000; }
};

/// `wall_us` counts from 1970-01-01 00:00:00 UTC; `utc_offset_s` is how far local time is ahead, east of
/// Greenwich. Pure code knows no time zones: the caller asks for the offset.
CivilTime civil_time(std::int64_t wall_us, std::int32_t utc_offset_s);
/// The same of whole seconds, however far from 1970.
CivilTime civil_time_of_seconds(std::int64_t wall_s, std::int32_t utc_offset_s);

/// Since 1970-01-01, which is day 0, on a clock that is so far ahead.
std::int64_t civil_days(std::int64_t wall_s, std::int32_t utc_offset_s);

/// "Jan" to "Dec", as log lines spell months in every locale.
std::string_view month_abbreviation(unsigned month);

}  // namespace corelane::base
