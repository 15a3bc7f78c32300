// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

/// What both registries do with their rows.
namespace corelane::sample {

/// Compilers count the steps of what they evaluate: few of them for each of the many pairs.
template <class Rows>
constexpr bool names_differ(const Rows& rows) {
  const auto* const end = std::data(rows) + std::size(rows);
  for (const auto* row = std::data(rows); row != end; ++row) {
    const std::size_t size = row->name.size();
    for (const auto* other = row + 1; other != end; ++other)
      if (other->name.size() == size && other->name == row->name) return false;
  }
  return true;
}

/// Several tables as one.
template <class Row, std::size_t... counts>
constexpr std::array<Row, (counts + ...)> joined(const Row (&... tables)[counts]) {
  std::array<Row, (counts + ...)> rows{};
  std::size_t at = 0;
  const auto append = [&](const auto& table) {
    for (const Row& row : table) rows[at++] = row;
  };
  (append(tables), ...);
  return rows;
}

template <class Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) noexcept {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [name](const Row& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace corelane::sample
