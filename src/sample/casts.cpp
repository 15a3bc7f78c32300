// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "sample/numbers.hpp"
#include "sample/sample.hpp"

namespace corelane::sample {
namespace {

constexpr std::size_t integer_digits_max = 20;

bool integer_to_string(Sample& sample, Arena& arena) {
  char* text = arena.take(integer_digits_max);
  if (text == nullptr) return false;
  const auto end = std::to_chars(text, text + integer_digits_max, sample.integer).ptr;
  sample.set(std::string_view(text, static_cast<std::size_t>(end - text)));
  return true;
}

bool integer_to_binary(Sample& sample, Arena& arena) {
  char* bytes = arena.take(sizeof(sample.integer));
  if (bytes == nullptr) return false;
  for (std::size_t i = 0; i < sizeof(sample.integer); ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(sample.integer) >> (56 - 8 * i));
  sample.set(std::string_view(bytes, sizeof(sample.integer)), Type::binary);
  return true;
}

bool address_to_string(Sample& sample, Arena& arena) {
  base::IpText memory;
  const std::string_view text = base::endpoint_ip_text(sample.address, memory);
  char* copy = arena.take(text.size());
  if (copy == nullptr) return false;
  std::copy(text.begin(), text.end(), copy);
  sample.set(std::string_view(copy, text.size()));
  return true;
}

bool address_to_binary(Sample& sample, Arena& arena) {
  const std::size_t size = sample.address.family == base::Family::ipv4 ? 4 : 16;
  char* bytes = arena.take(size);
  if (bytes == nullptr) return false;
  std::memcpy(bytes, sample.address.ip.data(), size);
  sample.set(std::string_view(bytes, size), Type::binary);
  return true;
}

bool text_to_address(Sample& sample) {
  const auto address = base::endpoint_from_ip(sample.text, 0);
  if (!address) return false;
  sample.set(*address);
  return true;
}

// As HAProxy's: what C would take for a text.
bool binary_to_string(Sample& sample) {
  sample.set(sample.text.substr(0, sample.text.find('\0')));
  return true;
}

bool is_text(Type type) {
  return type == Type::string || type == Type::method;
}

bool is_integer(Type type) {
  return type == Type::boolean || type == Type::sint;
}

}  // namespace

std::string_view type_text(Type type) noexcept {
  constexpr std::array<std::string_view, 6> texts{"a boolean", "an integer", "an address",
                                                  "a string",  "binary",     "a method"};
  return texts[static_cast<std::size_t>(type)];
}

bool castable(Type from, Type to) noexcept {
  if (from == to || (is_text(from) && is_text(to))) return true;
  if (is_integer(from)) return to != Type::address && to != Type::method;
  if (is_text(from)) return true;
  if (from == Type::address) return to == Type::string || to == Type::binary;
  return to == Type::string;
}

bool cast(Sample& sample, Type to, Arena& arena) noexcept {
  const Type from = sample.type;
  if (from == to) return true;
  if (is_integer(to)) {
    if (is_text(from)) {
      if (sample.text.empty()) return false;
      sample.integer = leading_integer(sample.text);
    } else if (!is_integer(from)) {
      return false;
    }
    if (to == Type::boolean) sample.integer = sample.integer != 0 ? 1 : 0;
    sample.type = to;
    return true;
  }
  if (is_text(from)) {
    if (to == Type::address) return text_to_address(sample);
    if (to != Type::binary) sample.type = to;  // its bytes are those of a text: as one it reads as before
    return true;
  }
  if (is_integer(from)) {
    if (to == Type::string) return integer_to_string(sample, arena);
    return to == Type::binary && integer_to_binary(sample, arena);
  }
  if (from == Type::address) {
    if (to == Type::string) return address_to_string(sample, arena);
    return to == Type::binary && address_to_binary(sample, arena);
  }
  return to == Type::string && binary_to_string(sample);
}

}  // namespace corelane::sample
