// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Samples of the client's connection and of where it came in.
namespace corelane::sample {

constexpr FetchRow connection_row(std::string_view name, Type output, FetchFunction* fetch,
                                  std::string_view help, ArgumentKind argument = ArgumentKind::none) {
  return {.name = name,
          .arguments = {argument},
          .output = output,
          .needs = need_client,
          .fetch = fetch,
          .help = help};
}

inline constexpr FetchRow connection_rows[] = {
    connection_row("src", Type::address, fetch_src,
                   "The client's address, as a PROXY header names it where one came."),
    connection_row("src_port", Type::sint, fetch_src_port, "The client's port."),
    connection_row("src_is_local", Type::boolean, fetch_src_is_local,
                   "Whether the client's address is one of this machine's."),
    connection_row("dst", Type::address, fetch_dst, "The address that the client connected to."),
    connection_row("dst_port", Type::sint, fetch_dst_port, "The port that the client connected to."),
    connection_row("dst_conn", Type::sint, fetch_dst_conn,
                   "How many connections there are on the bind that the client came to, this one included."),
    connection_row("dst_is_local", Type::boolean, fetch_dst_is_local,
                   "Whether that address is one of this machine's: false for a connection that packet rules "
                   "brought here."),
    connection_row("fc_src", Type::address, fetch_fc_src,
                   "The client's address as it was before rules set another one; a PROXY header's counts."),
    connection_row("fc_src_port", Type::sint, fetch_fc_src_port, "The same: its port."),
    connection_row("fc_src_is_local", Type::boolean, fetch_fc_src_is_local,
                   "Whether that address is one of this machine's."),
    connection_row("fc_dst", Type::address, fetch_fc_dst,
                   "The address that the client connected to, before rules set another one."),
    connection_row("fc_dst_port", Type::sint, fetch_fc_dst_port, "The same: its port."),
    connection_row("fc_dst_is_local", Type::boolean, fetch_fc_dst_is_local,
                   "Whether that address is one of this machine's."),
    connection_row(
        "bc_err", Type::sint, fetch_bc_err,
        "Why the connection to the server failed, by HAProxy's numbers as fc_err; there is none where "
        "none was made."),
    connection_row("bc_err_str", Type::string, fetch_bc_err_str, "The same in HAProxy's words."),
    connection_row("bc_http_major", Type::sint, fetch_http_major,
                   "The major version of HTTP on the server's connection: 1."),
    connection_row("bc_src", Type::address, fetch_bc_src,
                   "Where the connection to the server comes from, where there is one."),
    connection_row("bc_src_port", Type::sint, fetch_bc_src_port, "The same: its port."),
    connection_row("bc_dst", Type::address, fetch_bc_dst,
                   "The server's address, where there is a connection to one."),
    connection_row("bc_dst_port", Type::sint, fetch_bc_dst_port, "The same: its port."),
    connection_row(
        "fc_err", Type::sint, fetch_fc_err,
        "Why the client's connection failed in its PROXY header or TLS, by HAProxy's numbers; 0: it "
        "has not."),
    connection_row("fc_err_str", Type::string, fetch_fc_err_str,
                   "The same in HAProxy's words: `Timeout during SSL handshake`."),
    connection_row("fc_http_major", Type::sint, fetch_http_major,
                   "The major version of HTTP on the client's connection: 1."),
    connection_row("fc_rcvd_proxy", Type::boolean, fetch_fc_rcvd_proxy,
                   "Whether the connection began with a PROXY header."),
    connection_row("fc_pp_authority", Type::string, fetch_fc_pp_authority,
                   "The host name that the PROXY header says its sender's client asked for."),
    connection_row("fc_pp_unique_id", Type::string, fetch_fc_pp_unique_id,
                   "The connection's number in the PROXY header."),
    connection_row("fc_rtt", Type::sint, fetch_fc_rtt,
                   "The round-trip time to the client as the kernel measures it, in ms; with `us` in us.",
                   ArgumentKind::time_unit),
    connection_row("fc_rttvar", Type::sint, fetch_fc_rttvar, "How much that varies, likewise.",
                   ArgumentKind::time_unit),
    connection_row("fc_unacked", Type::sint, fetch_fc_unacked,
                   "Segments sent to the client that it has not acknowledged."),
    connection_row("fc_sacked", Type::sint, fetch_fc_sacked,
                   "Segments that it has acknowledged out of order."),
    connection_row("fc_lost", Type::sint, fetch_fc_lost, "Segments taken for lost."),
    connection_row("fc_retrans", Type::sint, fetch_fc_retrans, "Segments sent again."),
    connection_row("fc_fackets", Type::sint, fetch_fc_fackets,
                   "Segments up to the highest that was acknowledged; newer kernels say 0."),
    connection_row("fc_reordering", Type::sint, fetch_fc_reordering,
                   "By how many segments the path to the client reorders."),
    connection_row("so_id", Type::sint, fetch_so_id,
                   "The number of the bind that the client came to, from 1 in its frontend."),
    connection_row("so_name", Type::string, fetch_so_name, "The name of that bind, where it has one."),
};

}  // namespace corelane::sample
