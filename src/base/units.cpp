// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"

#include <array>
#include <charconv>
#include <span>
#include <system_error>

#include "base/ascii.hpp"

namespace corelane::base {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first: the shortest exact spelling uses the largest unit that divides the value.
constexpr std::array<Unit, 5> duration_units_ms{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 3> size_units{{{"g", 1ULL << 30}, {"m", 1ULL << 20}, {"k", 1ULL << 10}}};
constexpr std::uint64_t us_per_ms = 1000;

struct Quantity {
  std::uint64_t number;
  std::string_view unit;
};

/// Splits "250ms" into 250 and "ms". Digits only in front: no sign, no blank, no fraction.
std::optional<Quantity> split_quantity(std::string_view text) {
  Quantity quantity{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, quantity.number);
  if (error != std::errc()) return std::nullopt;
  quantity.unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  return quantity;
}

std::optional<std::uint64_t> multiply(std::uint64_t number, std::uint64_t factor, std::uint64_t limit) {
  if (number > limit / factor) return std::nullopt;
  return number * factor;
}

std::string largest_exact_unit(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return std::to_string(value / unit.factor).append(unit.name);
    }
  }
  return std::to_string(value);
}

}  // namespace

std::optional<std::int64_t> duration_ms_from_text(std::string_view text) {
  const std::optional<Quantity> quantity = split_quantity(text);
  if (!quantity) return std::nullopt;
  if (quantity->unit.empty()) {
    return text == "0" ? std::optional<std::int64_t>(0) : std::nullopt;
  }
  if (quantity->unit == "us") {
    const std::uint64_t ms = quantity->number / us_per_ms + (quantity->number % us_per_ms != 0 ? 1 : 0);
    return static_cast<std::int64_t>(ms);
  }
  for (const Unit& unit : duration_units_ms) {
    if (unit.name != quantity->unit) continue;
    const auto ms = multiply(quantity->number, unit.factor, INT64_MAX);
    return ms ? std::optional<std::int64_t>(static_cast<std::int64_t>(*ms)) : std::nullopt;
  }
  return std::nullopt;
}

std::string duration_text(std::int64_t ms) {
  if (ms == 0) return "0";
  return largest_exact_unit(static_cast<std::uint64_t>(ms), duration_units_ms);
}

std::optional<std::uint64_t> size_bytes_from_text(std::string_view text) {
  const std::optional<Quantity> quantity = split_quantity(text);
  if (!quantity) return std::nullopt;
  if (quantity->unit.empty()) return quantity->number;
  if (quantity->unit.size() != 1) return std::nullopt;
  for (const Unit& unit : size_units) {
    if (unit.name.front() == lower_case(quantity->unit.front())) {
      return multiply(quantity->number, unit.factor, UINT64_MAX);
    }
  }
  return std::nullopt;
}

std::string size_text(std::uint64_t bytes) {
  return largest_exact_unit(bytes, size_units);
}

}  // namespace corelane::base
