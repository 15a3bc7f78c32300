// SPDX-License-Identifier: Apache-2.0
#include "check/mysql_result.hpp"

#include <algorithm>

#include "check/mysql_packet.hpp"

namespace corelane::check {

MysqlResult::State MysqlResult::take(std::string_view payload) {
  const MysqlPacket packet{.state = MysqlPacket::State::whole, .sequence = 0, .payload = payload};
  if (packet.is_error()) {
    error_ = mysql_error(payload);
    return State::error;
  }
  switch (part_) {
    case Part::head:
      return take_head(payload);
    case Part::columns:
      return take_column(payload);
    case Part::columns_end:
      part_ = Part::rows;
      return packet.is_end() ? State::reading : State::malformed;
    case Part::rows:
      return packet.is_end() ? State::whole : take_row(payload);
  }
  return State::malformed;
}

MysqlResult::State MysqlResult::take_head(std::string_view payload) {
  // A statement without a result, such as SET.
  if (payload.front() == '\0') return State::whole;
  MysqlReader reader(payload);
  const std::optional<std::uint64_t> count = reader.length();
  if (!count || !reader.ok() || !reader.at_end() || *count > columns_max) return State::malformed;
  column_count_ = static_cast<std::size_t>(*count);
  part_ = Part::columns;
  return State::reading;
}

MysqlResult::State MysqlResult::take_column(std::string_view payload) {
  MysqlReader reader(payload);
  for (int before = 0; before < 4; ++before) reader.text();  // catalogue, schema, table, its real name
  names_.emplace_back(reader.text().value_or(""));
  if (names_.size() == column_count_) part_ = Part::columns_end;
  return reader.ok() ? State::reading : State::malformed;
}

MysqlResult::State MysqlResult::take_row(std::string_view payload) {
  if (++rows_ > rows_max) return State::malformed;
  if (rows_ > 1) return State::reading;
  MysqlReader reader(payload);
  for (std::size_t column = 0; column < column_count_; ++column) {
    first_row_.emplace_back(reader.text());
  }
  return reader.ok() && reader.at_end() ? State::reading : State::malformed;
}

std::optional<std::string> MysqlResult::value(std::size_t column) const {
  return column < first_row_.size() ? first_row_[column] : std::nullopt;
}

std::optional<std::string> MysqlResult::value(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? std::nullopt : value(static_cast<std::size_t>(found - names_.begin()));
}

}  // namespace corelane::check
