// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "sample/registry.hpp"
#include "sample/stick_view.hpp"

/// The rows of converters that look their sample up in a stick table: one line for each.
namespace corelane::sample {

bool convert_by_table(stick::DataType type, bool indexed, bool kilobytes, const Arguments& arguments,
                      const Input& input, Sample& sample);

template <stick::DataType type, bool indexed, bool kilobytes>
bool convert_table(const Arguments& arguments, const Input& input, Sample& sample) {
  return convert_by_table(type, indexed, kilobytes, arguments, input, sample);
}
ConvertInContextFunction convert_in_table, convert_table_expire, convert_table_idle, convert_table_trackers;

template <stick::DataType type, bool indexed = false, bool kilobytes = false>
constexpr ConverterRow table_row(std::string_view name, std::string_view help) {
  ConverterRow row;
  row.name = name;
  row.arguments = indexed ? ArgumentKinds{ArgumentKind::integer, ArgumentKind::table}
                          : ArgumentKinds{ArgumentKind::table};
  row.arguments_min = indexed ? 2 : 1;
  row.output = Type::sint;
  row.help = help;
  row.convert_in_context = &convert_table<type, indexed, kilobytes>;
  row.takes_anything = true;
  row.stored = type;
  return row;
}

constexpr ConverterRow table_row_without_data(std::string_view name, Type output, bool takes_default,
                                              ConvertInContextFunction* convert, std::string_view help) {
  ConverterRow row;
  row.name = name;
  row.arguments[0] = ArgumentKind::table;
  if (takes_default) row.arguments[1] = ArgumentKind::integer;
  row.arguments_min = 1;
  row.output = output;
  row.help = help;
  row.convert_in_context = convert;
  row.takes_anything = true;
  return row;
}

inline constexpr ConverterRow stick_converter_rows[] = {
    table_row_without_data("in_table", Type::boolean, false, convert_in_table,
                           "Whether it is a key of a stick table."),
    table_row_without_data(
        "table_expire", Type::sint, true, convert_table_expire,
        "How many milliseconds more it stays a key of a stick table; the second argument where it is none."),
    table_row_without_data(
        "table_idle", Type::sint, true, convert_table_idle,
        "How many milliseconds ago it was touched last; the second argument where it is no key."),
    table_row_without_data("table_trackers", Type::sint, false, convert_table_trackers,
                           "How many connections and requests follow it now."),
    table_row<stick::DataType::gpc0>(
        "table_gpc0",
        "The first general purpose counter that a stick table has of it; 0 where it is no key."),
    table_row<stick::DataType::gpc0_rate>("table_gpc0_rate", "How often that was incremented in its period."),
    table_row<stick::DataType::gpc1>("table_gpc1", "The second general purpose counter."),
    table_row<stick::DataType::gpc1_rate>("table_gpc1_rate", "How often that was incremented in its period."),
    table_row<stick::DataType::gpc, true>("table_gpc", "A general purpose counter, by its number."),
    table_row<stick::DataType::gpc_rate, true>("table_gpc_rate",
                                               "How often that was incremented in its period."),
    table_row<stick::DataType::gpt0>("table_gpt0", "The first general purpose tag."),
    table_row<stick::DataType::gpt, true>("table_gpt", "A general purpose tag, by its number."),
    table_row<stick::DataType::conn_cnt>("table_conn_cnt", "Connections."),
    table_row<stick::DataType::conn_cur>("table_conn_cur", "Connections that are open."),
    table_row<stick::DataType::conn_rate>("table_conn_rate", "Connections in their period."),
    table_row<stick::DataType::sess_cnt>("table_sess_cnt", "Connections that rules have let in."),
    table_row<stick::DataType::sess_rate>("table_sess_rate", "The same in their period."),
    table_row<stick::DataType::http_req_cnt>("table_http_req_cnt", "HTTP requests."),
    table_row<stick::DataType::http_req_rate>("table_http_req_rate", "HTTP requests in their period."),
    table_row<stick::DataType::http_err_cnt>("table_http_err_cnt",
                                             "Requests that were refused or faulty, or answered with a 4xx."),
    table_row<stick::DataType::http_err_rate>("table_http_err_rate", "The same in their period."),
    table_row<stick::DataType::http_fail_cnt>("table_http_fail_cnt", "Requests at which a server failed."),
    table_row<stick::DataType::http_fail_rate>("table_http_fail_rate", "The same in their period."),
    table_row<stick::DataType::bytes_in_cnt, false, true>("table_kbytes_in", "Kilobytes from clients."),
    table_row<stick::DataType::bytes_out_cnt, false, true>("table_kbytes_out", "Kilobytes to clients."),
    table_row<stick::DataType::bytes_in_rate>("table_bytes_in_rate", "Bytes from clients in their period."),
    table_row<stick::DataType::bytes_out_rate>("table_bytes_out_rate", "Bytes to clients in their period."),
    table_row<stick::DataType::server_id>("table_server_id",
                                          "The number of the server that its clients go to."),
};

}  // namespace corelane::sample
