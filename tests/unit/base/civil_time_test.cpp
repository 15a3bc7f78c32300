// SPDX-License-Identifier: Apache-2.0
#include "base/civil_time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using corelane::base::civil_time;
using corelane::base::CivilTime;
using corelane::base::month_abbreviation;

namespace {

std::string text(const CivilTime& time) {
  const auto field = [](std::int64_t value) { return std::to_string(value); };
  return field(time.year) + "-" + field(time.month) + "-" + field(time.day) + " " + field(time.hour) + ":" +
         field(time.minute) + ":" + field(time.second) + "." + field(time.microsecond);
}

}  // namespace

TEST_CASE("known moments") {
  struct Row {
    std::int64_t wall_us;
    std::int32_t utc_offset_s;
    const char* expected;
  };
  for (const Row& row : {
           Row{0, 0, "1970-1-1 0:0:0.0"},
           Row{-1, 0, "1969-12-31 23:59:59.999999"},
           Row{1'233'922'329'655'000, 0, "2009-2-6 12:12:9.655000"},
           Row{1'233'922'329'655'000, 3600, "2009-2-6 13:12:9.655000"},
           Row{1'233'922'329'655'000, -13 * 3600, "2009-2-5 23:12:9.655000"},
           Row{951'782'399'000'001, 0, "2000-2-28 23:59:59.1"},
           Row{951'782'400'000'000, 0, "2000-2-29 0:0:0.0"},
           Row{1'709'251'199'000'000, 1, "2024-3-1 0:0:0.0"},
           Row{4'107'542'399'000'000, 1, "2100-3-1 0:0:0.0"},
           Row{1'735'689'599'999'999, 0, "2024-12-31 23:59:59.999999"},
       }) {
    CHECK(text(civil_time(row.wall_us, row.utc_offset_s)) == row.expected);
  }
}

TEST_CASE("every day of six hundred years is the calendar's") {
  using namespace std::chrono;
  const sys_days first = year{1700} / 1 / 1;
  for (sys_days day = first; day < sys_days(year{2300} / 1 / 1); day += days{1}) {
    const CivilTime time = civil_time(std::int64_t{day.time_since_epoch().count()} * 86'400'000'000, 0);
    const year_month_day expected{day};
    const bool same = time.year == int{expected.year()} && time.month == unsigned{expected.month()} &&
                      time.day == unsigned{expected.day()} && time.hour == 0;
    REQUIRE(same);
  }
}

TEST_CASE("months have English names") {
  CHECK(month_abbreviation(1) == "Jan");
  CHECK(month_abbreviation(9) == "Sep");
  CHECK(month_abbreviation(12) == "Dec");
}
