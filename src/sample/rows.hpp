// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

/// What both registries do with their rows.
namespace corelane::sample {

template <class Row, std::size_t count>
constexpr bool names_differ(const Row (&rows)[count]) {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = i + 1; k < count; ++k)
      if (rows[i].name == rows[k].name) return false;
  return true;
}
template <class Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) noexcept {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [name](const Row& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace corelane::sample
