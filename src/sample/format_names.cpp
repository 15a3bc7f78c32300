// SPDX-License-Identifier: Apache-2.0
#include "sample/format_names.hpp"

#include "sample/rows.hpp"

namespace corelane::sample {
namespace {

constexpr std::string_view with_milliseconds = "%[accept_date(ms),ms_ltime(\"%d/%b/%Y:%H:%M:%S.%3N\")]";
constexpr std::string_view utc_with_zone = "%[accept_date,utime(\"%d/%b/%Y:%H:%M:%S +0000\")]";
constexpr std::string_view local_with_zone = "%[accept_date,ltime(\"%d/%b/%Y:%H:%M:%S %z\")]";

constexpr FormatName rows[] = {
    {"B", {}},
    {"CC", {}},
    {"CS", {}},
    {"H", "%[hostname]"},
    {"HM", "%[method]"},
    {"HP", "%[url,field(1,?)]"},
    {"HPO", "%[path]"},
    {"HQ", "%[url,regsub(^[^?]*,)]"},
    {"HU", "%[url]"},
    {"HV", "HTTP/%[req.ver]"},
    {"ID", "%[unique-id]"},
    {"ST", "%[status]"},
    {"T", utc_with_zone},
    {"Ta", {}},
    {"Tc", {}},
    {"Td", {}},
    {"Th", {}},
    {"Ti", {}},
    {"Tl", local_with_zone},
    {"Tq", {}},
    {"TR", {}},
    {"Tr", {}},
    {"Ts", "%[accept_date]"},
    {"Tt", {}},
    {"Tu", {}},
    {"Tw", {}},
    {"U", {}},
    {"ac", "%[act_conn]"},
    {"b", "%[be_name]"},
    {"bc", "%[be_conn]"},
    {"bi", "%[bc_src]"},
    {"bp", "%[bc_src_port]"},
    {"bq", {}},
    {"ci", "%[src]"},
    {"cp", "%[src_port]"},
    {"f", "%[fe_name]"},
    {"fc", "%[fe_conn]"},
    {"fi", "%[dst]"},
    {"fp", "%[dst_port]"},
    {"ft", "%[fe_name]%[ssl_fc,iif(~,)]"},
    {"hr", {}},
    {"hrl", {}},
    {"hs", {}},
    {"hsl", {}},
    {"lc", {}},
    {"ms", "%[accept_date(ms),ms_utime(%3N)]"},
    {"pid", "%[pid]"},
    {"r", "%[method] %[url] HTTP/%[req.ver]"},
    {"rc", {}},
    {"rt", "%[txn.id32]"},
    {"s", "%[srv_name]"},
    {"sc", {}},
    {"si", "%[bc_dst]"},
    {"sp", "%[bc_dst_port]"},
    {"sq", {}},
    {"sslc", "%[ssl_fc_cipher]"},
    {"sslv", "%[ssl_fc_protocol]"},
    {"t", with_milliseconds},
    {"tr", "%[date(0,ms),ms_ltime(\"%d/%b/%Y:%H:%M:%S.%3N\")]"},
    {"trg", "%[date,utime(\"%d/%b/%Y:%H:%M:%S +0000\")]"},
    {"trl", "%[date,ltime(\"%d/%b/%Y:%H:%M:%S %z\")]"},
    {"ts", {}},
    {"tsc", {}},
};
static_assert(names_differ(rows));

}  // namespace

std::span<const FormatName> format_names() noexcept {
  return rows;
}

const FormatName* find_format_name(std::string_view name) noexcept {
  return find_row<FormatName>(rows, name);
}

}  // namespace corelane::sample
