// SPDX-License-Identifier: Apache-2.0
#include "control/table_request.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/endpoint.hpp"
#include "base/near_miss.hpp"
#include "config/node.hpp"

namespace corelane::control {

namespace {

using config::Node;
using stick::KeyType;

constexpr std::array<std::string_view, 6> compare_words{"eq", "ne", "gt", "ge", "lt", "le"};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

/// "0aff" as bytes; empty where it is none.
std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) return {};
    bytes += static_cast<char>(byte);
  }
  return text.size() % 2 == 0 ? bytes : std::string();
}

std::string key_bytes_of(KeyType type, std::string_view text) {
  if (type == KeyType::string) return std::string(text);
  if (type == KeyType::binary) return from_hex(text);
  if (type == KeyType::integer) {
    std::uint32_t number = 0;
    if (!read_number(text, number)) return {};
    return {reinterpret_cast<const char*>(&number), sizeof number};
  }
  const auto address = base::endpoint_from_ip(text, 0);
  if (!address) return {};
  const base::Endpoint endpoint =
      type == KeyType::ip ? base::endpoint_unmapped(*address) : base::endpoint_as_ipv6(*address);
  if ((endpoint.family == base::Family::ipv4) != (type == KeyType::ip)) return {};
  return {reinterpret_cast<const char*>(endpoint.ip.data()), type == KeyType::ip ? 4UL : 16UL};
}

/// "data.gpc0.gt", with its value.
bool read_filter(std::string_view key, std::string_view value, const stick::Table& table,
                 TableFilter& filter) {
  constexpr std::string_view prefix = "data.";
  if (!key.starts_with(prefix)) return false;
  key.remove_prefix(prefix.size());
  const std::size_t dot = key.rfind('.');
  if (dot == std::string_view::npos) return false;
  const auto named = table_value_named(table, key.substr(0, dot));
  const auto* word = std::find(compare_words.begin(), compare_words.end(), key.substr(dot + 1));
  if (!named || word == compare_words.end()) return false;
  filter.value = *named;
  filter.compare = static_cast<Compare>(word - compare_words.begin());
  return read_number(value, filter.number);
}

}  // namespace

bool TableFilter::holds(std::uint64_t found) const noexcept {
  switch (compare) {
    case Compare::eq:
      return found == number;
    case Compare::ne:
      return found != number;
    case Compare::gt:
      return found > number;
    case Compare::ge:
      return found >= number;
    case Compare::lt:
      return found < number;
    case Compare::le:
      break;
  }
  return found <= number;
}

std::optional<std::vector<std::uint32_t>> table_key(const stick::Table& table, std::string_view text) {
  const std::string bytes = key_bytes_of(table.shape().key, text);
  if (bytes.empty()) return std::nullopt;
  std::vector<std::uint32_t> key(table.key_words());
  table.make_key(std::as_bytes(std::span(bytes)), key);
  return key;
}

std::string table_key_text(stick::Table& table, std::uint32_t record) {
  const std::span<const std::byte> bytes = table.key_bytes(record);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (table.shape().key) {
    case KeyType::integer:
      return fmt::format("{}", table.key(record)[0]);
    case KeyType::string:
      return std::string(text.substr(0, text.find('\0')));
    case KeyType::binary: {
      std::string digits;
      for (const std::byte byte : bytes) digits += fmt::format("{:02x}", static_cast<unsigned>(byte));
      return digits;
    }
    default:
      break;
  }
  base::Endpoint endpoint;
  endpoint.family = bytes.size() == 4 ? base::Family::ipv4 : base::Family::ipv6;
  for (std::size_t i = 0; i < bytes.size(); ++i) endpoint.ip[i] = static_cast<std::uint8_t>(bytes[i]);
  return base::endpoint_ip_text(endpoint);
}

std::string table_value_name(const stick::Table&, TableValue value) {
  const stick::DataRow& row = stick::row_of(value.type);
  return row.array ? fmt::format("{}({})", row.name, value.element) : std::string(row.name);
}

std::vector<TableValue> table_values(const stick::Table& table) {
  std::vector<TableValue> values;
  for (const stick::StoredData& stored : table.shape().store)
    for (std::uint32_t i = 0; i < stored.elements; ++i) values.push_back({stored.type, i});
  return values;
}

std::optional<TableValue> table_value_named(const stick::Table& table, std::string_view name) {
  for (const TableValue value : table_values(table))
    if (table_value_name(table, value) == name) return value;
  return std::nullopt;
}

std::string read_table_query(const AdminTarget& target, const stick::Table& table, TableQuery& query) {
  for (const auto& [key, value] : target.query) {
    if (key == "key") {
      query.key = table_key(table, value);
      if (!query.key)
        return fmt::format("\"{}\" is no key of type {}", value, stick::row_of(table.shape().key).name);
    } else if (key == "limit") {
      if (!read_number(value, query.limit) || query.limit < 1 || query.limit > TableQuery::limit_max)
        return fmt::format("limit: \"{}\" is not a whole number from 1 to {}", value, TableQuery::limit_max);
    } else if (key == "after") {
      if (!read_number(value, query.after)) return fmt::format("after: \"{}\" is not a whole number", value);
    } else {
      TableFilter filter;
      if (!read_filter(key, value, table, filter))
        return fmt::format(
            "\"{}={}\" is not understood: expected key, limit, after, or such as data.gpc0.gt=0 with "
            "what the table stores and eq, ne, gt, ge, lt or le",
            key, value);
      query.filters.push_back(filter);
    }
  }
  return {};
}

TablePatch read_table_patch(std::string_view json, const stick::Table& table, config::Report& report) {
  TablePatch patch;
  const std::optional<Node> root = config::read_json(json, report);
  if (!root) return patch;
  if (root->kind != Node::Kind::object || root->children.empty()) {
    report.error(root->position, "", "expected an object of values such as {\"gpc0\": 1}");
    return patch;
  }
  std::vector<std::string> names;
  for (const TableValue value : table_values(table)) names.push_back(table_value_name(table, value));
  for (const Node& child : root->children) {
    const auto value = table_value_named(table, child.key);
    std::uint64_t number = 0;
    if (!value) {
      const std::vector<std::string_view> views(names.begin(), names.end());
      report.error(child.key_position, config::path_key("", child.key), "the table does not store that",
                   {names, std::string(base::near_miss(child.key, views))});
    } else if (child.kind != Node::Kind::integer || child.integer < 0) {
      report.error(child.position, config::path_key("", child.key),
                   "expected a whole number that is not negative");
    } else {
      number = static_cast<std::uint64_t>(child.integer);
      patch.emplace_back(*value, number);
    }
  }
  return patch;
}

}  // namespace corelane::control
