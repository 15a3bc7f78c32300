// SPDX-License-Identifier: Apache-2.0
#include "stick/data_type.hpp"

#include <algorithm>
#include <cstddef>

namespace corelane::stick {
namespace {

constexpr DataRow rows[] = {
    {"server_id", DataType::server_id, DataKind::narrow, false, "the server that the key's clients go to"},
    {"gpt", DataType::gpt, DataKind::narrow, true, "general purpose tags, numbered from 0"},
    {"gpt0", DataType::gpt0, DataKind::narrow, false, "the first general purpose tag"},
    {"gpc", DataType::gpc, DataKind::narrow, true, "general purpose counters, numbered from 0"},
    {"gpc_rate", DataType::gpc_rate, DataKind::rate, true,
     "how often each of them was incremented in a period"},
    {"gpc0", DataType::gpc0, DataKind::narrow, false, "the first general purpose counter"},
    {"gpc0_rate", DataType::gpc0_rate, DataKind::rate, false, "how often it was incremented in a period"},
    {"gpc1", DataType::gpc1, DataKind::narrow, false, "the second general purpose counter"},
    {"gpc1_rate", DataType::gpc1_rate, DataKind::rate, false, "how often it was incremented in a period"},
    {"conn_cnt", DataType::conn_cnt, DataKind::narrow, false, "connections, also those that were refused"},
    {"conn_cur", DataType::conn_cur, DataKind::narrow, false, "connections that are open"},
    {"conn_rate", DataType::conn_rate, DataKind::rate, false, "connections in a period"},
    {"sess_cnt", DataType::sess_cnt, DataKind::narrow, false,
     "connections that the rules of the connection let in"},
    {"sess_rate", DataType::sess_rate, DataKind::rate, false, "the same in a period"},
    {"http_req_cnt", DataType::http_req_cnt, DataKind::narrow, false, "HTTP requests"},
    {"http_req_rate", DataType::http_req_rate, DataKind::rate, false, "HTTP requests in a period"},
    {"http_err_cnt", DataType::http_err_cnt, DataKind::narrow, false,
     "requests that were faulty, refused or answered with a 4xx"},
    {"http_err_rate", DataType::http_err_rate, DataKind::rate, false, "the same in a period"},
    {"http_fail_cnt", DataType::http_fail_cnt, DataKind::narrow, false,
     "requests at which a server failed, such as with a 5xx other than 501 and 505"},
    {"http_fail_rate", DataType::http_fail_rate, DataKind::rate, false, "the same in a period"},
    {"bytes_in_cnt", DataType::bytes_in_cnt, DataKind::wide, false, "bytes from clients to servers"},
    {"bytes_in_rate", DataType::bytes_in_rate, DataKind::rate, false, "the same in a period"},
    {"bytes_out_cnt", DataType::bytes_out_cnt, DataKind::wide, false, "bytes from servers to clients"},
    {"bytes_out_rate", DataType::bytes_out_rate, DataKind::rate, false, "the same in a period"},
};
constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (static_cast<std::size_t>(rows[i].type) != i) return false;
  return std::size(rows) == data_types;
}
static_assert(in_order());

constexpr KeyTypeRow key_types[] = {
    {"ip", KeyType::ip, 4, false},           {"ipv6", KeyType::ipv6, 16, false},
    {"integer", KeyType::integer, 4, false}, {"string", KeyType::string, 32, true},
    {"binary", KeyType::binary, 32, true},
};

}  // namespace

std::span<const DataRow> data_rows() noexcept {
  return rows;
}

const DataRow& row_of(DataType type) noexcept {
  return rows[static_cast<std::size_t>(type)];
}

std::optional<DataType> data_type_named(std::string_view name) noexcept {
  const auto* found = std::ranges::find(rows, name, &DataRow::name);
  if (found == std::end(rows)) return std::nullopt;
  return found->type;
}

std::span<const KeyTypeRow> key_type_rows() noexcept {
  return key_types;
}

const KeyTypeRow& row_of(KeyType type) noexcept {
  return key_types[static_cast<std::size_t>(type)];
}

}  // namespace corelane::stick
