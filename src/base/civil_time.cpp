// SPDX-License-Identifier: Apache-2.0
#include "base/civil_time.hpp"

#include <array>

#include "base/check.hpp"

namespace corelane::base {
namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

/// Years are counted from March, so that the leap day is a year's last; 400 years (an era) repeat exactly.
constexpr std::int64_t days_per_era = 146'097;
constexpr std::int64_t days_before_1970 = 719'468;  // from 0000-03-01

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

void set_date(CivilTime& time, std::int64_t days_since_1970) {
  const std::int64_t days = days_since_1970 + days_before_1970;
  const std::int64_t era = floor_divide(days, days_per_era);
  const std::int64_t day_of_era = days - era * days_per_era;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  time.day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  time.month = static_cast<unsigned>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  time.year = era * 400 + year_of_era + (time.month <= 2 ? 1 : 0);
}

}  // namespace

std::int64_t civil_days(std::int64_t wall_s, std::int32_t utc_offset_s) {
  return floor_divide(wall_s + utc_offset_s, seconds_per_day);
}

CivilTime civil_time_of_seconds(std::int64_t wall_s, std::int32_t utc_offset_s) {
  const std::int64_t days = civil_days(wall_s, utc_offset_s);
  const std::int64_t second_of_day = wall_s + utc_offset_s - days * seconds_per_day;
  CivilTime time;
  set_date(time, days);
  time.hour = static_cast<unsigned>(second_of_day / 3600);
  time.minute = static_cast<unsigned>(second_of_day / 60 % 60);
  time.second = static_cast<unsigned>(second_of_day % 60);
  return time;
}

CivilTime civil_time(std::int64_t wall_us, std::int32_t utc_offset_s) {
  const std::int64_t wall_s = floor_divide(wall_us, us_per_second);
  CivilTime time = civil_time_of_seconds(wall_s, utc_offset_s);
  time.microsecond = static_cast<unsigned>(wall_us - wall_s * us_per_second);
  return time;
}

std::string_view month_abbreviation(unsigned month) {
  static constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  CORELANE_CHECK(month >= 1 && month <= names.size());
  return names[month - 1];
}

}  // namespace corelane::base
