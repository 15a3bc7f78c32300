// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/conversation.hpp"

namespace corelane::check {

/// Reads the answer to one query, packet by packet, and keeps its first row.
class MysqlResult {
 public:
  static constexpr std::size_t columns_max = 1000;
  static constexpr std::size_t rows_max = 1000;

  enum class State : std::uint8_t { reading, whole, error, malformed };

  State take(std::string_view payload);

  /// Of the state `error`.
  const Verdict& error() const noexcept { return error_; }
  bool has_row() const noexcept { return rows_ > 0; }
  /// Of the first row; nothing for NULL and where there is no such column.
  std::optional<std::string> value(std::size_t column) const;
  std::optional<std::string> value(std::string_view name) const;

 private:
  enum class Part : std::uint8_t { head, columns, columns_end, rows };

  State take_head(std::string_view payload);
  State take_column(std::string_view payload);
  State take_row(std::string_view payload);

  Part part_ = Part::head;
  std::size_t column_count_ = 0;
  std::size_t rows_ = 0;
  std::vector<std::string> names_;
  std::vector<std::optional<std::string>> first_row_;
  Verdict error_;
};

}  // namespace corelane::check
