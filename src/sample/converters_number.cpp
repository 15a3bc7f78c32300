// SPDX-License-Identifier: Apache-2.0
// Converters of numbers and addresses. What is beyond 64 bits stays at their end.
#include <limits>

#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

std::int64_t saturated_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? lowest : highest;
}

std::int64_t negative(std::int64_t value) {
  return value == lowest ? highest : -value;
}

void mask_address(base::Endpoint& address, std::size_t bytes, std::int64_t bits) {
  for (std::size_t i = 0; i < bytes; ++i) {
    const std::int64_t kept = bits - static_cast<std::int64_t>(8 * i);
    if (kept >= 8) continue;
    address.ip[i] = kept <= 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(address.ip[i] & (0xff00 >> kept));
  }
}

}  // namespace

bool convert_add(const Arguments& arguments, Arena&, Sample& sample) {
  sample.integer = saturated_sum(sample.integer, arguments[0].integer);
  return true;
}
bool convert_sub(const Arguments& arguments, Arena&, Sample& sample) {
  const std::int64_t amount = arguments[0].integer;
  // -lowest has no place in 64 bits.
  if (amount == lowest) sample.integer = saturated_sum(sample.integer, 1);
  sample.integer = saturated_sum(sample.integer, negative(amount));
  return true;
}
bool convert_mul(const Arguments& arguments, Arena&, Sample& sample) {
  std::int64_t product = 0;
  const std::int64_t factor = arguments[0].integer;
  if (__builtin_mul_overflow(sample.integer, factor, &product))
    product = (sample.integer < 0) == (factor < 0) ? highest : lowest;
  sample.integer = product;
  return true;
}
bool convert_div(const Arguments& arguments, Arena&, Sample& sample) {
  const std::int64_t divisor = arguments[0].integer;
  if (divisor == 0) {
    sample.integer = sample.integer < 0 ? lowest : highest;
  } else {
    sample.integer = divisor == -1 ? negative(sample.integer) : sample.integer / divisor;
  }
  return true;
}
bool convert_mod(const Arguments& arguments, Arena&, Sample& sample) {
  const std::int64_t divisor = arguments[0].integer;
  sample.integer = divisor == 0 || divisor == -1 ? 0 : sample.integer % divisor;
  return true;
}
bool convert_neg(const Arguments&, Arena&, Sample& sample) {
  sample.integer = negative(sample.integer);
  return true;
}
bool convert_and(const Arguments& arguments, Arena&, Sample& sample) {
  sample.integer &= arguments[0].integer;
  return true;
}
bool convert_or(const Arguments& arguments, Arena&, Sample& sample) {
  sample.integer |= arguments[0].integer;
  return true;
}
bool convert_xor(const Arguments& arguments, Arena&, Sample& sample) {
  sample.integer ^= arguments[0].integer;
  return true;
}
bool convert_cpl(const Arguments&, Arena&, Sample& sample) {
  sample.integer = ~sample.integer;
  return true;
}
bool convert_bool(const Arguments&, Arena&, Sample& sample) {
  sample.set(sample.integer != 0);
  return true;
}
bool convert_not(const Arguments&, Arena&, Sample& sample) {
  sample.set(sample.integer == 0);
  return true;
}
bool convert_odd(const Arguments&, Arena&, Sample& sample) {
  sample.set((sample.integer & 1) != 0);
  return true;
}
bool convert_even(const Arguments&, Arena&, Sample& sample) {
  sample.set((sample.integer & 1) == 0);
  return true;
}

// An address of a family without a mask stays as it is.
bool convert_ipmask(const Arguments& arguments, Arena&, Sample& sample) {
  if (sample.address.family == base::Family::ipv4) {
    mask_address(sample.address, 4, arguments[0].integer);
  } else if (arguments[1].given()) {
    mask_address(sample.address, 16, arguments[1].integer);
  }
  return true;
}

}  // namespace corelane::sample
