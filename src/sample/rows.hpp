// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

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

template <class Table>
inline constexpr std::size_t rows_in = sizeof(Table) / sizeof(*std::data(std::declval<const Table&>()));

/// Several tables as one; each is an array.
template <class... Tables>
constexpr auto joined(const Tables&... tables) {
  using Row = std::common_type_t<std::remove_cvref_t<decltype(*std::data(tables))>...>;
  std::array<Row, (rows_in<Tables> + ...)> rows{};
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
