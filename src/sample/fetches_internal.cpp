// SPDX-License-Identifier: Apache-2.0
// Samples that need no connection.
#include "sample/functions.hpp"

namespace corelane::sample {

bool fetch_true(const Arguments&, const Input&, Cursor&, Sample& sample) {
  sample.set(true);
  return true;
}

bool fetch_false(const Arguments&, const Input&, Cursor&, Sample& sample) {
  sample.set(false);
  return true;
}

bool fetch_bool(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  sample.set(arguments[0].text == "1" || arguments[0].text == "true");
  return true;
}

bool fetch_int(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  sample.set(arguments[0].integer);
  return true;
}

bool fetch_str(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  sample.set(std::string_view(arguments[0].text));
  return true;
}

bool fetch_date(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  constexpr std::int64_t us_per_second = 1'000'000;
  sample.set(std::int64_t{input.context.wall_us / us_per_second} + arguments[0].integer);
  return true;
}

// xorshift64*: evenly spread, and nobody's secret.
bool fetch_rand(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  std::uint64_t& state = *input.context.random_state;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  const std::uint64_t drawn = state * 0x2545'f491'4f6c'dd1d >> 32;
  const std::uint64_t range =
      arguments[0].given() ? static_cast<std::uint64_t>(arguments[0].integer) : std::uint64_t{1} << 32;
  sample.set(static_cast<std::int64_t>(drawn * (range & 0xffff'ffff) >> 32));
  if (!arguments[0].given()) sample.set(static_cast<std::int64_t>(drawn));
  return true;
}

}  // namespace corelane::sample
