// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.hpp"
#include "control/admin_target.hpp"
#include "stick/table.hpp"

namespace corelane::control {

/// A value that a table keeps with its keys, as an administrator names it: "gpc0", "gpc(2)".
struct TableValue {
  stick::DataType type = stick::DataType::gpc0;
  std::uint32_t element = 0;
};

enum class Compare : std::uint8_t { eq, ne, gt, ge, lt, le };

/// Keys whose value compares so: `data.gpc0.gt=0`.
struct TableFilter {
  TableValue value;
  Compare compare = Compare::eq;
  std::uint64_t number = 0;

  bool holds(std::uint64_t found) const noexcept;
};

/// What of a table is asked for.
struct TableQuery {
  static constexpr std::uint32_t limit_max = 1000;

  std::optional<std::vector<std::uint32_t>> key;
  std::vector<TableFilter> filters;  // all must hold
  std::uint32_t limit = 100;
  std::uint32_t after = 0;  // records that are passed over
};

/// Empty: `text` is no key of this table.
std::optional<std::vector<std::uint32_t>> table_key(const stick::Table& table, std::string_view text);
/// As a person writes it.
std::string table_key_text(stick::Table& table, std::uint32_t record);
/// "gpc(2)"; as in TableValue.
std::string table_value_name(const stick::Table& table, TableValue value);
std::optional<TableValue> table_value_named(const stick::Table& table, std::string_view name);
/// Everything that the table keeps.
std::vector<TableValue> table_values(const stick::Table& table);

/// The fault; empty: none.
std::string read_table_query(const AdminTarget& target, const stick::Table& table, TableQuery& query);

using TablePatch = std::vector<std::pair<TableValue, std::uint64_t>>;
/// Reads {"gpc0": 1, "gpc(2)": 5}.
TablePatch read_table_patch(std::string_view json, const stick::Table& table, config::Report& report);

}  // namespace corelane::control
