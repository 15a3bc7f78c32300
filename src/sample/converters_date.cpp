// SPDX-License-Identifier: Apache-2.0
// Converters of dates, which are seconds since 1970 or parts of them.
#include "sample/civil_text.hpp"
#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

// A year of ten digits is no date any more.
constexpr std::int64_t seconds_max = std::int64_t{1} << 56;
constexpr std::int64_t ms_per_second = 1'000;
constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t ns_per_second = 1'000'000'000;

bool write_date(std::int64_t seconds, std::int32_t utc_offset, std::string_view format, Arena& arena,
                Sample& sample) {
  if (seconds > seconds_max || seconds < -seconds_max) return false;
  TextWriter writer(arena);
  write_civil(civil_of(seconds, utc_offset), format, writer);
  return writer.finish(sample);
}

/// A date in so many parts of a second.
bool write_fine_date(std::int64_t per_second, const Arguments& arguments, const Input* local, Arena& arena,
                     Sample& sample) {
  std::int64_t date = 0;
  if (__builtin_add_overflow(sample.integer, arguments[1].integer, &date)) return false;
  const std::int64_t rest = (date % per_second + per_second) % per_second;
  const std::int64_t seconds = (date - rest) / per_second;
  if (seconds > seconds_max || seconds < -seconds_max) return false;
  std::int32_t utc_offset = 0;
  if (local != nullptr && local->context.utc_offset != nullptr)
    utc_offset = local->context.utc_offset(seconds);
  Civil civil = civil_of(seconds, utc_offset);
  civil.nanoseconds = rest * (ns_per_second / per_second);
  TextWriter writer(arena);
  write_civil(civil, arguments[0].text, writer);
  return writer.finish(sample);
}

}  // namespace

bool convert_ms_utime(const Arguments& arguments, Arena& arena, Sample& sample) {
  return write_fine_date(ms_per_second, arguments, nullptr, arena, sample);
}
bool convert_us_utime(const Arguments& arguments, Arena& arena, Sample& sample) {
  return write_fine_date(us_per_second, arguments, nullptr, arena, sample);
}
bool convert_ms_ltime(const Arguments& arguments, const Input& input, Sample& sample) {
  return write_fine_date(ms_per_second, arguments, &input, input.arena, sample);
}
bool convert_us_ltime(const Arguments& arguments, const Input& input, Sample& sample) {
  return write_fine_date(us_per_second, arguments, &input, input.arena, sample);
}

// How many of the unit a second has is the unit's argument.
bool convert_http_date(const Arguments& arguments, Arena& arena, Sample& sample) {
  const std::int64_t per_second = arguments[1].given() ? arguments[1].integer : 1;
  std::int64_t date = 0;
  if (__builtin_add_overflow(sample.integer, arguments[0].integer, &date)) return false;
  const std::int64_t rest = (date % per_second + per_second) % per_second;
  const std::int64_t seconds = (date - rest) / per_second;
  if (seconds < 0 || seconds > seconds_max) return false;
  TextWriter writer(arena);
  write_civil(civil_of(seconds, 0), "%a, %d %b %Y %H:%M:%S", writer);
  if (per_second > 1) {
    writer.append('.');
    writer.append_number(rest, per_second == 1000 ? 3 : 6);
  }
  writer.append(" GMT");
  return writer.finish(sample);
}

bool convert_utime(const Arguments& arguments, Arena& arena, Sample& sample) {
  std::int64_t date = 0;
  if (__builtin_add_overflow(sample.integer, arguments[1].integer, &date)) return false;
  return write_date(date, 0, arguments[0].text, arena, sample);
}

bool convert_ltime(const Arguments& arguments, const Input& input, Sample& sample) {
  std::int64_t date = 0;
  if (__builtin_add_overflow(sample.integer, arguments[1].integer, &date)) return false;
  const std::int32_t offset = input.context.utc_offset != nullptr ? input.context.utc_offset(date) : 0;
  return write_date(date, offset, arguments[0].text, input.arena, sample);
}

}  // namespace corelane::sample
