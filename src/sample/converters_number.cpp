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

std::int64_t difference(std::int64_t a, std::int64_t b) {
  // -lowest has no place in 64 bits.
  return b == lowest ? saturated_sum(saturated_sum(a, 1), highest) : saturated_sum(a, -b);
}

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_mul_overflow(a, b, &result)) return result;
  return (a < 0) == (b < 0) ? highest : lowest;
}

std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) return a < 0 ? lowest : highest;
  return b == -1 ? negative(a) : a / b;
}

std::int64_t remainder_of(std::int64_t a, std::int64_t b) {
  return b == 0 || b == -1 ? 0 : a % b;
}

template <class Operation>
bool calculate(Operation operation, const Arguments& arguments, const Input& input, Sample& sample) {
  std::int64_t operand = 0;
  if (!read_operand(arguments[0], input, operand)) return false;
  sample.integer = operation(sample.integer, operand);
  return true;
}

void mask_address(base::Endpoint& address, std::size_t bytes, std::int64_t bits) {
  for (std::size_t i = 0; i < bytes; ++i) {
    const std::int64_t kept = bits - static_cast<std::int64_t>(8 * i);
    if (kept >= 8) continue;
    address.ip[i] = kept <= 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(address.ip[i] & (0xff00 >> kept));
  }
}

}  // namespace

bool convert_add(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate(saturated_sum, arguments, input, sample);
}
bool convert_sub(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate(difference, arguments, input, sample);
}
bool convert_mul(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate(product, arguments, input, sample);
}
bool convert_div(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate(quotient, arguments, input, sample);
}
bool convert_mod(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate(remainder_of, arguments, input, sample);
}
bool convert_and(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate([](std::int64_t a, std::int64_t b) { return a & b; }, arguments, input, sample);
}
bool convert_or(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate([](std::int64_t a, std::int64_t b) { return a | b; }, arguments, input, sample);
}
bool convert_xor(const Arguments& arguments, const Input& input, Sample& sample) {
  return calculate([](std::int64_t a, std::int64_t b) { return a ^ b; }, arguments, input, sample);
}
bool convert_neg(const Arguments&, Arena&, Sample& sample) {
  sample.integer = negative(sample.integer);
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
