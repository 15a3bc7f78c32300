// SPDX-License-Identifier: Apache-2.0
// Samples that need no connection.
#include <array>

#include "sample/functions.hpp"
#include "sample/numbers.hpp"
#include "sample/text_writer.hpp"

namespace corelane::sample {
namespace {

constexpr std::int64_t us_per_second = 1'000'000;

// xorshift64*: evenly spread, and nobody's secret.
std::uint64_t draw(std::uint64_t& state) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545'f491'4f6c'dd1d;
}

}  // namespace

bool fetch_true(const Arguments&, const Input&, Cursor&, Sample& sample) {
  sample.set(true);
  return true;
}

bool fetch_false(const Arguments&, const Input&, Cursor&, Sample& sample) {
  sample.set(false);
  return true;
}

bool fetch_bool(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  sample.set(arguments[0].integer != 0);
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

bool fetch_bin(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  sample.set(std::string_view(arguments[0].text), Type::binary);
  return true;
}

bool fetch_address(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  sample.set(arguments[0].address);
  return true;
}

bool fetch_meth(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  sample.set(std::string_view(arguments[0].text), Type::method);
  return true;
}

bool fetch_env(const Arguments& arguments, const Input&, Cursor&, Sample& sample) {
  if (arguments[0].integer == 0) return false;  // it was not set
  sample.set(std::string_view(arguments[0].text));
  return true;
}

bool fetch_one(const Arguments&, const Input&, Cursor&, Sample& sample) {
  sample.set(std::int64_t{1});
  return true;
}

bool fetch_hostname(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.host_name);
  return true;
}

bool fetch_thread(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(std::int64_t{input.context.lane});
  return true;
}

bool fetch_stopping(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.stopping);
  return true;
}

bool fetch_pid(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.process_id);
  return true;
}

bool fetch_accept_date(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const std::int64_t per_second = arguments[0].given() ? arguments[0].integer : 1;
  sample.set(std::int64_t{input.context.accepted_wall_us / (us_per_second / per_second)});
  return true;
}

bool fetch_txn_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.identity == nullptr) return false;
  sample.set(std::int64_t{static_cast<std::uint32_t>(input.context.identity->number())});
  return true;
}

bool fetch_unique_id(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.identity == nullptr) return false;
  const std::string_view id = input.context.identity->unique_id(input.context, input.arena);
  sample.set(id);
  return !id.empty();
}

// How many of the unit a second has is the unit's argument.
bool fetch_date(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const std::int64_t per_second = arguments[1].given() ? arguments[1].integer : 1;
  sample.set(std::int64_t{input.context.wall_us / (us_per_second / per_second)} + arguments[0].integer);
  return true;
}

bool fetch_date_us(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(std::int64_t{input.context.wall_us % us_per_second});
  return true;
}

bool fetch_rand(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const std::uint64_t drawn = draw(*input.context.random_state) >> 32;
  const std::uint64_t range = static_cast<std::uint64_t>(arguments[0].integer) & 0xffff'ffff;
  sample.set(static_cast<std::int64_t>(arguments[0].given() ? drawn * range >> 32 : drawn));
  return true;
}

// RFC 4122, version 4.
bool fetch_uuid(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  std::array<std::uint64_t, 2> halves{draw(*input.context.random_state), draw(*input.context.random_state)};
  halves[0] = (halves[0] & ~std::uint64_t{0xf000}) | 0x4000;
  halves[1] = (halves[1] & ~(std::uint64_t{3} << 62)) | std::uint64_t{1} << 63;
  constexpr std::string_view digits = "0123456789abcdef";
  TextWriter writer(input.arena);
  for (std::size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) writer.append('-');
    writer.append(digits[halves[i / 16] >> (60 - 4 * (i % 16)) & 15]);
  }
  return writer.finish(sample);
}

}  // namespace corelane::sample
