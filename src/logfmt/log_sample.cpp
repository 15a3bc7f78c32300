// SPDX-License-Identifier: Apache-2.0
#include "logfmt/log_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace corelane::logfmt {
namespace {

constexpr std::uint32_t size_max = 1'000'000;

/// Takes a number from the front; 0 where none stands there.
std::uint32_t take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{}) return 0;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return number;
}

bool take(std::string_view& text, char character) {
  if (!text.starts_with(character)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool LogSample::takes(std::uint64_t line) const noexcept {
  if (ranges.empty()) return true;
  const std::uint64_t place = line % size + 1;
  return std::ranges::any_of(
      ranges, [place](const Range& range) { return place >= range.first && place <= range.last; });
}

LogSampleRead read_log_sample(std::string_view text) {
  LogSample sample;
  do {
    LogSample::Range range;
    range.first = range.last = take_number(text);
    if (take(text, '-')) range.last = take_number(text);
    if (range.first == 0 || range.last < range.first) return {{}, "a range is N or FIRST-LAST, from 1"};
    if (!sample.ranges.empty() && range.first <= sample.ranges.back().last)
      return {{}, "ranges ascend and do not overlap"};
    sample.ranges.push_back(range);
  } while (take(text, ','));
  if (!take(text, ':')) return {{}, "':' and the number of lines that the ranges count in are missing"};
  sample.size = take_number(text);
  if (!text.empty() || sample.size == 0 || sample.size > size_max)
    return {{}, fmt::format("behind ':' stands a number of lines, 1 to {}", size_max)};
  if (sample.size < sample.ranges.back().last)
    return {
        {},
        fmt::format("{} is beyond the {} lines that are counted", sample.ranges.back().last, sample.size)};
  return {std::move(sample), {}};
}

std::string log_sample_text(const LogSample& sample) {
  std::string text;
  for (const LogSample::Range& range : sample.ranges) {
    if (!text.empty()) text += ',';
    text += fmt::to_string(range.first);
    if (range.last != range.first) text += fmt::format("-{}", range.last);
  }
  return fmt::format("{}:{}", text, sample.size);
}

}  // namespace corelane::logfmt
