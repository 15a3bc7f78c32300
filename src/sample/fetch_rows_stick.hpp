// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "sample/fetches_stick.hpp"
#include "sample/registry.hpp"
#include "sample/rows.hpp"

/// The rows of what stick counters follow (sc_NAME, sc0_NAME to sc2_NAME) and of the client's address as a
/// key (src_NAME): one line for each NAME.
namespace corelane::sample {

template <std::size_t count>
struct NamePart {
  char text[count];
  constexpr NamePart(const char (&written)[count]) {
    for (std::size_t i = 0; i < count; ++i) text[i] = written[i];
  }
};

/// The two parts as one name.
template <NamePart first, NamePart second>
inline constexpr auto joined_name = [] {
  std::array<char, sizeof(first.text) + sizeof(second.text) - 2> name{};
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < sizeof(first.text); ++i) name[at++] = first.text[i];
  for (std::size_t i = 0; i + 1 < sizeof(second.text); ++i) name[at++] = second.text[i];
  return name;
}();

template <NamePart prefix, NamePart name, KeyFrom from, StickFetch what, stick::DataType type>
constexpr FetchRow stick_row(std::string_view help) {
  constexpr bool indexed = is_indexed(what);
  FetchRow row;
  row.name = {joined_name<prefix, name>.data(), joined_name<prefix, name>.size()};
  std::size_t at = 0;
  if (indexed) row.arguments[at++] = ArgumentKind::integer;
  if (from == KeyFrom::counter) row.arguments[at++] = ArgumentKind::stick_counter;
  row.arguments_min = static_cast<std::uint8_t>(at);
  row.arguments[at] = from == KeyFrom::source ? ArgumentKind::own_table : ArgumentKind::table;
  row.output = what == StickFetch::tracked ? Type::boolean : Type::sint;
  row.needs = need_client;
  row.fetch = &fetch_stick<from, what, type>;
  row.help = help;
  if (what != StickFetch::tracked && what != StickFetch::trackers) row.stored = type;
  return row;
}

template <NamePart name, StickFetch what, stick::DataType type>
constexpr std::array<FetchRow, 5> stick_rows_of(std::string_view help) {
  return {stick_row<"sc_", name, KeyFrom::counter, what, type>(help),
          stick_row<"sc0_", name, KeyFrom::counter0, what, type>("The same of counter 0."),
          stick_row<"sc1_", name, KeyFrom::counter1, what, type>("The same of counter 1."),
          stick_row<"sc2_", name, KeyFrom::counter2, what, type>("The same of counter 2."),
          stick_row<"src_", name, KeyFrom::source, what, type>("The same of the client's address.")};
}

template <NamePart name, StickFetch what>
constexpr std::array<FetchRow, 4> tracking_rows_of(std::string_view help) {
  constexpr auto type = stick::DataType::gpc0;
  return {stick_row<"sc_", name, KeyFrom::counter, what, type>(help),
          stick_row<"sc0_", name, KeyFrom::counter0, what, type>("The same of counter 0."),
          stick_row<"sc1_", name, KeyFrom::counter1, what, type>("The same of counter 1."),
          stick_row<"sc2_", name, KeyFrom::counter2, what, type>("The same of counter 2.")};
}

using enum stick::DataType;
inline constexpr FetchRow table_rows[] = {
    FetchRow{.name = "src_updt_conn_cnt",
             .arguments = {ArgumentKind::own_table},
             .output = Type::sint,
             .needs = need_client,
             .fetch = &fetch_src_updt_conn_cnt,
             .help = "Counts a connection of the client's address, and how many those are now.",
             .stored = conn_cnt},
    FetchRow{.name = "table_cnt",
             .arguments = {ArgumentKind::own_table},
             .output = Type::sint,
             .fetch = &fetch_table_cnt,
             .help = "How many keys a stick table has."},
    FetchRow{.name = "table_avl",
             .arguments = {ArgumentKind::own_table},
             .output = Type::sint,
             .fetch = &fetch_table_avl,
             .help = "How many more keys fit into a stick table."},
};

inline constexpr auto stick_rows = joined(
    table_rows, tracking_rows_of<"tracked", StickFetch::tracked>("Whether the counter follows a key."),
    tracking_rows_of<"trackers", StickFetch::trackers>(
        "How many connections and requests follow the key now."),
    stick_rows_of<"get_gpc0", StickFetch::value, gpc0>(
        "The first general purpose counter of the key that counter `counter` follows, of its table or of the "
        "same key in another; 0: that key is not there."),
    stick_rows_of<"get_gpc1", StickFetch::value, gpc1>("The second general purpose counter."),
    stick_rows_of<"get_gpc", StickFetch::indexed_value, gpc>("A general purpose counter, by its number."),
    stick_rows_of<"inc_gpc0", StickFetch::increment, gpc0>("The same, incremented by this."),
    stick_rows_of<"inc_gpc1", StickFetch::increment, gpc1>("The same, incremented by this."),
    stick_rows_of<"inc_gpc", StickFetch::indexed_increment, gpc>("The same, incremented by this."),
    stick_rows_of<"clr_gpc0", StickFetch::clear, gpc0>("What it was; it is 0 then."),
    stick_rows_of<"clr_gpc1", StickFetch::clear, gpc1>("What it was; it is 0 then."),
    stick_rows_of<"clr_gpc", StickFetch::indexed_clear, gpc>("What it was; it is 0 then."),
    stick_rows_of<"gpc0_rate", StickFetch::value, gpc0_rate>("How often gpc0 was incremented in its period."),
    stick_rows_of<"gpc1_rate", StickFetch::value, gpc1_rate>("How often gpc1 was incremented in its period."),
    stick_rows_of<"gpc_rate", StickFetch::indexed_value, stick::DataType::gpc_rate>(
        "How often a counter was incremented in its period."),
    stick_rows_of<"get_gpt0", StickFetch::value, gpt0>("The first general purpose tag."),
    stick_rows_of<"get_gpt", StickFetch::indexed_value, gpt>("A general purpose tag, by its number."),
    stick_rows_of<"conn_cnt", StickFetch::value, conn_cnt>("Connections."),
    stick_rows_of<"conn_cur", StickFetch::value, conn_cur>("Connections that are open."),
    stick_rows_of<"conn_rate", StickFetch::value, conn_rate>("Connections in their period."),
    stick_rows_of<"sess_cnt", StickFetch::value, sess_cnt>("Connections that rules have let in."),
    stick_rows_of<"sess_rate", StickFetch::value, sess_rate>("The same in their period."),
    stick_rows_of<"http_req_cnt", StickFetch::value, http_req_cnt>("HTTP requests."),
    stick_rows_of<"http_req_rate", StickFetch::value, http_req_rate>("HTTP requests in their period."),
    stick_rows_of<"http_err_cnt", StickFetch::value, http_err_cnt>(
        "Requests that were refused or faulty, or answered with a 4xx."),
    stick_rows_of<"http_err_rate", StickFetch::value, http_err_rate>("The same in their period."),
    stick_rows_of<"http_fail_cnt", StickFetch::value, http_fail_cnt>("Requests at which a server failed."),
    stick_rows_of<"http_fail_rate", StickFetch::value, http_fail_rate>("The same in their period."),
    stick_rows_of<"kbytes_in", StickFetch::kilobytes, bytes_in_cnt>("Kilobytes from clients."),
    stick_rows_of<"kbytes_out", StickFetch::kilobytes, bytes_out_cnt>("Kilobytes to clients."),
    stick_rows_of<"bytes_in_rate", StickFetch::value, bytes_in_rate>("Bytes from clients in their period."),
    stick_rows_of<"bytes_out_rate", StickFetch::value, bytes_out_rate>("Bytes to clients in their period."));

}  // namespace corelane::sample
