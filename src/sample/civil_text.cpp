// SPDX-License-Identifier: Apache-2.0
#include "sample/civil_text.hpp"

#include <array>

#include "base/civil_time.hpp"

namespace corelane::sample {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr unsigned week_days = 7;

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned days_before(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> before{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return before[month - 1] + (month > 2 && is_leap(year) ? 1 : 0);
}

/// A week belongs to the year that has its Thursday.
struct IsoWeek {
  std::int64_t year;
  unsigned week;
};
IsoWeek iso_week(const Civil& civil) {
  const int monday_based = static_cast<int>((civil.weekday + 6) % week_days);
  const int thursday = static_cast<int>(civil.year_day) - monday_based + 3;
  if (thursday < 0) {
    const int days = is_leap(civil.year - 1) ? 366 : 365;
    return {civil.year - 1, static_cast<unsigned>((thursday + days) / 7 + 1)};
  }
  const int days = is_leap(civil.year) ? 366 : 365;
  if (thursday >= days) return {civil.year + 1, 1};
  return {civil.year, static_cast<unsigned>(thursday / 7 + 1)};
}

unsigned twelve_hours(const Civil& civil) {
  return civil.hour % 12 == 0 ? 12 : civil.hour % 12;
}

void write_zone(const Civil& civil, TextWriter& writer) {
  const std::int32_t minutes = (civil.utc_offset < 0 ? -civil.utc_offset : civil.utc_offset) / 60;
  writer.append(civil.utc_offset < 0 ? '-' : '+');
  writer.append_number(minutes / 60 * 100 + minutes % 60, 4);
}

/// What stands for several others; empty: it is not one of these.
std::string_view composed(char conversion) {
  switch (conversion) {
    case 'c':
      return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
      return "%m/%d/%y";
    case 'F':
      return "%Y-%m-%d";
    case 'r':
      return "%I:%M:%S %p";
    case 'R':
      return "%H:%M";
    case 'T':
    case 'X':
      return "%H:%M:%S";
    default:
      return {};
  }
}

bool write_text(const Civil& civil, char conversion, TextWriter& writer) {
  switch (conversion) {
    case 'a':
      writer.append(weekdays[civil.weekday].substr(0, 3));
      return true;
    case 'A':
      writer.append(weekdays[civil.weekday]);
      return true;
    case 'b':
    case 'h':
      writer.append(months[civil.month - 1].substr(0, 3));
      return true;
    case 'B':
      writer.append(months[civil.month - 1]);
      return true;
    case 'n':
      writer.append('\n');
      return true;
    case 'p':
      writer.append(civil.hour < 12 ? "AM" : "PM");
      return true;
    case 'P':
      writer.append(civil.hour < 12 ? "am" : "pm");
      return true;
    case 't':
      writer.append('\t');
      return true;
    case 'z':
      write_zone(civil, writer);
      return true;
    case 'Z':
      if (civil.utc_offset == 0) {
        writer.append("GMT");
      } else {
        write_zone(civil, writer);
      }
      return true;
    case '%':
      writer.append('%');
      return true;
    default:
      return false;
  }
}

/// A number, with so many digits at least; 0 digits: there is none.
struct Number {
  std::int64_t value = 0;
  std::size_t digits = 0;
  char filling = '0';
};

Number number_of(const Civil& civil, char conversion) {
  switch (conversion) {
    case 'C':
      return {civil.year / 100, 2};
    case 'd':
      return {civil.day, 2};
    case 'e':
      return {civil.day, 2, ' '};
    case 'g':
      return {iso_week(civil).year % 100, 2};
    case 'G':
      return {iso_week(civil).year, 4};
    case 'H':
      return {civil.hour, 2};
    case 'I':
      return {twelve_hours(civil), 2};
    case 'j':
      return {civil.year_day + 1, 3};
    case 'k':
      return {civil.hour, 2, ' '};
    case 'l':
      return {twelve_hours(civil), 2, ' '};
    case 'm':
      return {civil.month, 2};
    case 'M':
      return {civil.minute, 2};
    case 's':
      return {civil.seconds, 1};
    case 'S':
      return {civil.second, 2};
    case 'u':
      return {civil.weekday == 0 ? week_days : civil.weekday, 1};
    case 'U':
      return {(civil.year_day + week_days - civil.weekday) / week_days, 2};
    case 'V':
      return {iso_week(civil).week, 2};
    case 'w':
      return {civil.weekday, 1};
    case 'W':
      return {(civil.year_day + week_days - (civil.weekday + 6) % week_days) / week_days, 2};
    case 'y':
      return {civil.year % 100, 2};
    case 'Y':
      return {civil.year, 1};
    default:
      return {};
  }
}

/// "%N", "%3N": the first digits of the second's fraction. How many characters of the format that takes; 0:
/// it is something else.
std::size_t write_fraction(const Civil& civil, std::string_view format, TextWriter& writer) {
  constexpr std::size_t digits_max = 9;
  const bool counted = format.size() > 2 && format[1] >= '1' && format[1] <= '9' && format[2] == 'N';
  if (civil.nanoseconds < 0 || (!counted && (format.size() < 2 || format[1] != 'N'))) return 0;
  const std::size_t digits = counted ? static_cast<std::size_t>(format[1] - '0') : digits_max;
  std::int64_t fraction = civil.nanoseconds;
  for (std::size_t i = digits; i < digits_max; ++i) fraction /= 10;
  writer.append_number(fraction, digits);
  return counted ? 3 : 2;
}

}  // namespace

Civil civil_of(std::int64_t seconds, std::int32_t utc_offset) noexcept {
  const base::CivilTime time = base::civil_time_of_seconds(seconds, utc_offset);
  Civil civil{.year = time.year, .month = time.month, .day = time.day};
  const std::int64_t days = base::civil_days(seconds, utc_offset);
  civil.weekday = static_cast<unsigned>(((days % 7) + 11) % 7);
  civil.year_day = days_before(civil.year, civil.month) + civil.day - 1;
  civil.hour = time.hour;
  civil.minute = time.minute;
  civil.second = time.second;
  civil.seconds = seconds;
  civil.utc_offset = utc_offset;
  return civil;
}

void write_civil(const Civil& civil, std::string_view format, TextWriter& writer) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      writer.append(format[i]);
      continue;
    }
    if (const std::size_t taken = write_fraction(civil, format.substr(i), writer); taken != 0) {
      i += taken - 1;
      continue;
    }
    const char conversion = format[++i];
    const Number number = number_of(civil, conversion);
    if (const std::string_view parts = composed(conversion); !parts.empty()) {
      write_civil(civil, parts, writer);
    } else if (number.digits != 0) {
      writer.append_number(number.value, number.digits, number.filling);
    } else if (!write_text(civil, conversion, writer)) {
      writer.append(format.substr(i - 1, 2));
    }
  }
}

}  // namespace corelane::sample
