// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

/// Rows that more than one table has. Owner is the object that the table is for.
namespace corelane::config::row {

inline constexpr std::int64_t second_ms = 1000;
inline constexpr std::int64_t day_ms = 24 * 3600 * second_ms;
inline constexpr Bounds time_out_bounds{0, 365 * day_ms};
inline constexpr std::int64_t connections_max = 10'000'000;

template <class Owner>
constexpr Field mode() {
  return value<&Owner::mode, Owner>(
      "mode", as_mode, "tcp",
      "The protocol. tcp passes bytes on as they are; http reads requests and responses, and each request "
      "may go to another server.",
      {}, mode_words);
}

template <class Owner>
constexpr Field keep_alive() {
  return object<&Owner::keep_alive, Owner>(
      "keep_alive", keep_alive_section,
      "TCP keep-alive: the kernel asks a silent peer whether it is still there.");
}

template <class Owner>
constexpr Field log() {
  return objects<&Owner::log, Owner>("log", frontend_log_section,
                                     "Where its log lines go, instead of global.log.", {1, 16});
}

template <class Owner>
constexpr Field log_format() {
  return value<&Owner::log_format, Owner>(
             "log_format", as_log_format, "tcp",
             "The form of log lines: tcp has timers and termination letters, http also the request and its "
             "status (mode http only), clf is http in the common log format, json has words. A text with % "
             "in it "
             "is a form in HAProxy's language, such as \"%ci:%cp [%tr] %ft %b/%s %ST %{+Q}r\".")
      .with_note("the mode");
}

template <class Owner>
constexpr Field error_log_format() {
  return value<&Owner::error_log_format, Owner>(
             "error_log_format", as_error_log_format, "",
             "The same for connections that end before their first request because of their PROXY header or "
             "their TLS handshake. `%[ssl_fc_err_str]` says in words why the latter failed.")
      .with_note("log_format");
}

template <class Owner>
constexpr Field dont_log_null() {
  return value<&Owner::dont_log_null, Owner>("dont_log_null", as_boolean, "false",
                                             "Writes no log line for connections that carried no byte.");
}

template <class Owner>
constexpr Field balance() {
  return object<&Owner::balance, Owner>(
      "balance", balance_section,
      "How a server is chosen: an algorithm's name, or an object with its options.");
}

template <class Owner>
constexpr Field hash() {
  return object<&Owner::hash, Owner>("hash", hash_section,
                                     "How algorithms that hash come from a client to a server: a type, or an "
                                     "object with its options. A hash "
                                     "object says everything anew: nothing of the one in defaults stays.");
}

template <class Owner>
constexpr Field hash_balance_factor() {
  return value<&Owner::hash_balance_factor, Owner>(
      "hash_balance_factor", as_count_or_zero, "0",
      "Consistent hashing with bounded loads: no server gets more than this percentage of the mean load, "
      "what is "
      "beyond goes to the next server on the ring. 0: no bound. 125 to 200 are sensible.",
      {101, 100'000});
}

template <class Owner>
constexpr Field packet_mark() {
  Field field = value<&SocketMarks::mark>(
      "mark", as_count, "", "The mark (SO_MARK) of the packets sent, for ip rule and nft.", {1, UINT32_MAX});
  field.member = [](void* object) -> void* { return &static_cast<Owner*>(object)->marks.mark; };
  return field.with_note("none");
}

template <class Owner>
constexpr Field packet_tos() {
  Field field = value<&SocketMarks::tos>(
      "tos", as_tos, "",
      "The type of service (IPv4) or traffic class (IPv6) of the packets sent: a number, or a DSCP's name.");
  field.member = [](void* object) -> void* { return &static_cast<Owner*>(object)->marks.tos; };
  return field.with_note("the system's value");
}

template <class Owner>
constexpr Field retries() {
  return value<&Owner::retries, Owner>(
      "retries", as_count, "3", "How often a failed connect is tried again before the client is given up.",
      {0, 100});
}

template <class Owner>
constexpr Field redispatch() {
  return value<&Owner::redispatch, Owner>("redispatch", as_boolean, "true",
                                          "Lets a retry go to another server.");
}

template <class Owner>
constexpr Field all_backups() {
  return value<&Owner::all_backups, Owner>(
      "all_backups", as_boolean, "false",
      "Uses all backup servers together when no other server is up, instead of the first one only.");
}

template <class Owner>
constexpr Field check() {
  return object<&Owner::check, Owner>("check", check_section,
                                      "The health check of the servers. Without it servers count as up.");
}

inline constexpr Field time_out_connect = value<&Timeouts::connect_ms>(
    "connect", as_duration, "5s", "How long connecting to a server may take.", time_out_bounds);
inline constexpr Field time_out_queue = value<&Timeouts::queue_ms>(
    "queue", as_duration, "30s",
    "How long a connection may wait while every server that would do has reached its max_connections. 0: for "
    "ever.",
    time_out_bounds);
inline constexpr Field time_out_client = value<&Timeouts::client_ms>(
    "client", as_duration, "10m", "How long a client may be silent, or take nothing. 0: for ever.",
    time_out_bounds);
inline constexpr Field time_out_server = value<&Timeouts::server_ms>(
    "server", as_duration, "10m", "How long a server may be silent, or take nothing. 0: for ever.",
    time_out_bounds);
inline constexpr Field time_out_client_fin = value<&Timeouts::client_fin_ms>(
    "client_fin", as_duration, "30s", "Replaces client once one side has ended its half of the connection.",
    time_out_bounds);
inline constexpr Field time_out_client_hs = value<&Timeouts::client_hs_ms>(
    "client_hs", as_duration, "10s",
    "How long a client may take for its PROXY header, where a bind has accept_proxy, and for its TLS "
    "handshake, where a bind has tls. 0: for ever.",
    time_out_bounds);
inline constexpr Field time_out_server_fin = value<&Timeouts::server_fin_ms>(
    "server_fin", as_duration, "30s", "Replaces server once one side has ended its half of the connection.",
    time_out_bounds);
inline constexpr Field time_out_check = value<&Timeouts::check_ms>(
    "check", as_duration, "2s", "How long one health check may take.", {1, 365 * day_ms});

}  // namespace corelane::config::row
