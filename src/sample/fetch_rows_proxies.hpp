// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Samples of frontends, backends and servers.
namespace corelane::sample {

constexpr FetchRow frontend_row(std::string_view name, Type output, FetchFunction* fetch,
                                std::string_view help, ArgumentKind argument = ArgumentKind::none) {
  return {.name = name,
          .arguments = {argument},
          .output = output,
          .needs = need_client,
          .fetch = fetch,
          .help = help};
}

constexpr FetchRow chosen_row(std::string_view name, Type output, Need need, FetchFunction* fetch,
                              std::string_view help) {
  return {.name = name, .output = output, .needs = need, .fetch = fetch, .help = help};
}

constexpr FetchRow backend_row(std::string_view name, FetchFunction* fetch, std::string_view help) {
  return {
      .name = name, .arguments = {ArgumentKind::backend}, .output = Type::sint, .fetch = fetch, .help = help};
}

constexpr FetchRow server_row(std::string_view name, Type output, FetchFunction* fetch,
                              std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::server},
          .arguments_min = 1,
          .output = output,
          .fetch = fetch,
          .help = help};
}

inline constexpr FetchRow proxy_rows[] = {
    chosen_row("act_conn", Type::sint, need_nothing, fetch_act_conn, "Connections of the process now."),
    frontend_row("fe_id", Type::sint, fetch_fe_id, "The frontend's number, from 1."),
    frontend_row("fe_name", Type::string, fetch_fe_name, "The frontend's name."),
    frontend_row("fe_defbe", Type::string, fetch_fe_defbe, "The name of its default_backend."),
    frontend_row("fe_client_timeout", Type::sint, fetch_fe_client_timeout, "Its time-out client, in ms."),
    frontend_row("fe_conn", Type::sint, fetch_fe_conn,
                 "Connections of a frontend now; without a name, of the one that the client came to.",
                 ArgumentKind::frontend),
    frontend_row("fe_sess_rate", Type::sint, fetch_fe_sess_rate,
                 "Connections that came to a frontend in the last second.", ArgumentKind::frontend),
    frontend_row("fe_req_rate", Type::sint, fetch_fe_req_rate,
                 "Requests that came to a frontend in the last second.", ArgumentKind::frontend),

    chosen_row("be_id", Type::sint, need_backend, fetch_be_id,
               "The number of the backend that was chosen: those of frontends come first."),
    chosen_row("be_name", Type::string, need_backend, fetch_be_name,
               "The name of the backend that was chosen."),
    chosen_row("be_server_timeout", Type::sint, need_backend, fetch_be_server_timeout,
               "Its time-out server, in ms."),
    chosen_row("be_tunnel_timeout", Type::sint, need_backend, fetch_be_tunnel_timeout,
               "Its time-out tunnel, in ms."),
    backend_row("be_conn", fetch_be_conn,
                "Connections, or requests in progress, of a backend now; without a name, of the one that was "
                "chosen, as for all with a backend."),
    backend_row(
        "be_conn_free", fetch_be_conn_free,
        "How many more connections those servers of a backend take that get some; -1 where one has no "
        "max_connections."),
    backend_row("be_sess_rate", fetch_be_sess_rate,
                "Connections, or requests, that came to a backend in the last second."),
    backend_row("nbsrv", fetch_nbsrv,
                "How many servers of a backend get connections now: those that are up, or else backups."),
    backend_row("connslots", fetch_connslots,
                "How many more connections the servers of a backend and their queues take; -1 where a server "
                "has no max_connections or no max_queue."),
    backend_row("queue", fetch_queue, "How many wait for a server of a backend."),
    backend_row("avg_queue", fetch_avg_queue,
                "The same for each of its servers that get connections; twice all that wait where none "
                "does."),

    frontend_row("cur_client_timeout", Type::sint, fetch_cur_client_timeout,
                 "The time-out client that counts for it, in ms."),
    chosen_row("cur_server_timeout", Type::sint, need_backend, fetch_cur_server_timeout,
               "The time-out server that counts for it, in ms: what a rule has set, or its backend's."),
    chosen_row("cur_tunnel_timeout", Type::sint, need_backend, fetch_cur_tunnel_timeout,
               "The time-out tunnel that counts for it, in ms, likewise."),
    frontend_row("prio_class", Type::sint, fetch_prio_class,
                 "Its class where it waits for a server, by the rule set-priority-class."),
    frontend_row("prio_offset", Type::sint, fetch_prio_offset,
                 "Its offset there in ms, by the rule set-priority-offset."),
    frontend_row("last_rule_file", Type::string, fetch_last_rule_file,
                 "The configuration file, where a rule has decided: of log lines, the last that did."),
    frontend_row("last_rule_line", Type::sint, fetch_last_rule_line,
                 "The line there in which the last rule begins that has decided: one behind which no other "
                 "rule of its list was looked at."),

    chosen_row("srv_id", Type::sint, need_server, fetch_srv_id,
               "The number of the server that was chosen, from 1 in its backend."),
    chosen_row("srv_name", Type::string, need_server, fetch_srv_name,
               "The name of the server that was chosen."),
    server_row("srv_is_up", Type::boolean, fetch_srv_is_up,
               "Whether a server is up, and not in maintenance."),
    server_row("srv_conn", Type::sint, fetch_srv_conn,
               "Connections, or requests in progress, of a server now."),
    server_row("srv_conn_free", Type::sint, fetch_srv_conn_free,
               "How many more it takes; -1 where it has no max_connections."),
    server_row("srv_queue", Type::sint, fetch_srv_queue, "How many wait for a server and no other."),
    server_row("srv_sess_rate", Type::sint, fetch_srv_sess_rate,
               "Connections that it got, or requests, in the last second."),
    server_row("srv_weight", Type::sint, fetch_srv_weight,
               "A server's weight as its backend's algorithm sees it now."),
    server_row("srv_uweight", Type::sint, fetch_srv_uweight,
               "Its weight as agents and administrators have set it."),
    server_row("srv_iweight", Type::sint, fetch_srv_iweight, "Its weight in the configuration."),
};

}  // namespace corelane::sample
