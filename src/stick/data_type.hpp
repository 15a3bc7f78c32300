// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// What a table can keep with a key: one row each, in data_type.cpp.
namespace corelane::stick {

enum class DataType : std::uint8_t {
  server_id,
  gpt,
  gpt0,
  gpc,
  gpc_rate,
  gpc0,
  gpc0_rate,
  gpc1,
  gpc1_rate,
  conn_cnt,
  conn_cur,
  conn_rate,
  sess_cnt,
  sess_rate,
  http_req_cnt,
  http_req_rate,
  http_err_cnt,
  http_err_rate,
  http_fail_cnt,
  http_fail_rate,
  bytes_in_cnt,
  bytes_in_rate,
  bytes_out_cnt,
  bytes_out_rate,
};
inline constexpr std::uint32_t data_types = static_cast<std::uint32_t>(DataType::bytes_out_rate) + 1;

enum class DataKind : std::uint8_t {
  narrow,  // 32 bits
  wide,    // 64 bits
  rate,    // per period
};

struct DataRow {
  std::string_view name;
  DataType type;
  DataKind kind;
  bool array;  // takes a number of elements
  std::string_view help;
};

inline constexpr std::uint32_t array_elements_max = 100;

std::span<const DataRow> data_rows() noexcept;
const DataRow& row_of(DataType type) noexcept;
std::optional<DataType> data_type_named(std::string_view name) noexcept;

/// One entry of a table's `store`.
struct StoredData {
  DataType type = DataType::gpc0;
  std::uint32_t elements = 1;   // of an array
  std::uint32_t period_ms = 0;  // of a rate

  friend bool operator==(const StoredData&, const StoredData&) = default;
};

enum class KeyType : std::uint8_t { ip, ipv6, integer, string, binary };

struct KeyTypeRow {
  std::string_view name;
  KeyType type;
  std::uint32_t bytes;  // of those that take no length; else when none is given
  bool takes_length;
};
inline constexpr std::uint32_t key_bytes_max = 4096;

std::span<const KeyTypeRow> key_type_rows() noexcept;
const KeyTypeRow& row_of(KeyType type) noexcept;

}  // namespace corelane::stick
