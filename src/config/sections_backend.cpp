// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "balance/balancer.hpp"
#include "config/health_rows.hpp"
#include "config/http_rows.hpp"
#include "config/row.hpp"
#include "config/rule_rows.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

// --- servers

constexpr Field server_weight = row::value<&Server::weight>(
    "weight", as_count, "1", "Share of connections, relative to other servers'. 0: no new connections.",
    {0, 256});
constexpr Field server_max_connections = row::value<&Server::max_connections>(
    "max_connections", as_count, "0", "Connections to this server. 0: no limit.", {0, row::connections_max});

bool has_limit(const void* server) {
  return static_cast<const Server*>(server)->max_connections != 0;
}

constexpr Condition limited_only{"max_connections", has_limit, "the server has max_connections"};

constexpr Field server_min_connections =
    row::value<&Server::min_connections>("min_connections", as_count, "0",
                                         "The limit while the backend is idle; it grows to max_connections "
                                         "as the backend's connections grow to "
                                         "full_connections. 0: max_connections is the limit always.",
                                         {0, row::connections_max})
        .only_if(limited_only);
constexpr Field server_max_queue =
    row::value<&Server::max_queue>(
        "max_queue", as_count, "0",
        "Connections that may wait for this server and no other, as those that balance source sends here; "
        "further ones take any server. 0: no limit.",
        {0, row::connections_max})
        .only_if(limited_only);
constexpr Field server_slow_start = row::value<&Server::slow_start_ms>(
    "slow_start", as_duration, "0",
    "So long a server that was down, or under maintenance, takes until it has its whole share again: weight "
    "and "
    "max_connections grow from a sixteenth in sixteen even steps. Where the balance algorithm keeps a static "
    "map only max_connections grows. 0: its whole share at once.",
    {0, row::day_ms});
constexpr Field server_send_proxy = row::object<&Server::send_proxy>(
    "send_proxy", send_proxy_section,
    "Begins connections to the server, checks included, with a PROXY header: v1, v2, or an object with "
    "options.");
constexpr Field server_tls =
    row::optional_object<&Server::tls>("tls", server_tls_section, "TLS of connections to the server.")
        .with_note("none");
constexpr Field server_source = row::object<&Server::source>(
    "source", source_section,
    "Where connections to the server come from, instead of what the kernel chooses.");

constexpr Condition http_server_only{"", row::is_http<Server>, "the backend's mode is http"};

bool has_idle_connections(const void* object) {
  const auto& server = *static_cast<const Server*>(object);
  return server.mode == Mode::http && server.http_connection == HttpConnection::keep_alive;
}

constexpr Condition idle_only{"", has_idle_connections,
                              "the backend's mode is http and its http_connection keep-alive"};

constexpr Field server_cookie =
    row::value<&ServerHttp::cookie, Server>("cookie", as_cookie_value, "",
                                            "The value of the backend's cookie that stands for this server.")
        .with_note("none")
        .only_if(http_server_only);
constexpr Field server_pool_max_connections =
    row::value<&ServerHttp::pool_max_connections, Server>(
        "pool_max_connections", as_count, "0",
        "Idle connections that are kept for further requests. 0: no limit.", {0, row::connections_max})
        .only_if(idle_only);
constexpr Field server_pool_purge_delay =
    row::value<&ServerHttp::pool_purge_delay_ms, Server>(
        "pool_purge_delay", as_duration, "5s",
        "After each such time half of the idle connections that were not needed in it are closed. 0: none is "
        "kept idle.",
        {0, row::day_ms})
        .only_if(idle_only);
constexpr Field server_max_reuse =
    row::value<&ServerHttp::max_reuse, Server>(
        "max_reuse", as_count, "0",
        "So many further requests one connection serves before it is closed. 0: no limit.",
        {0, row::connections_max})
        .only_if(idle_only);

constexpr Field default_server_fields[] = {server_weight,
                                           row::server_check,
                                           server_max_connections,
                                           server_min_connections,
                                           server_max_queue,
                                           server_slow_start,
                                           row::server_observe,
                                           row::server_on_error,
                                           row::server_error_limit,
                                           row::server_agent_check,
                                           row::server_on_marked_down,
                                           server_send_proxy,
                                           server_tls,
                                           server_pool_max_connections,
                                           server_pool_purge_delay,
                                           server_max_reuse};

constexpr Field server_fields[] = {
    row::value<&Server::name>("name", as_name, "", "The server's name, unique in its backend.").as_required(),
    row::value<&Server::address>("address", as_server_address, "", "Where to connect.").as_required(),
    row::value<&Server::id>("id", as_count, "", "The server's number in stick tables, unique in its backend.",
                            {1, std::numeric_limits<std::int32_t>::max()})
        .with_note("its place in the list, or the next number that no other server has"),
    server_weight,
    row::value<&Server::backup>("backup", as_boolean, "false",
                                "Takes connections only when no other server is up."),
    row::server_check,
    server_max_connections,
    server_min_connections,
    server_max_queue,
    server_slow_start,
    row::server_observe,
    row::server_on_error,
    row::server_error_limit,
    row::server_agent_check,
    row::value<&Server::track>("track", as_track, "",
                               "Takes over the health of another server, `\"backend/server\"` or "
                               "`\"server\"` of the same backend, instead of checking this one."),
    row::server_on_marked_down,
    server_send_proxy,
    server_tls,
    server_source,
    row::value<&Server::non_stick>("non_stick", as_boolean, "false",
                                   "Whether stick tables keep no clients at this server."),
    server_cookie,
    server_pool_max_connections,
    server_pool_purge_delay,
    server_max_reuse,
};

bool has_check(const void* backend) {
  return static_cast<const BackendDraft*>(backend)->check.type != no_check;
}

void take_over_backend(void* object, const void* parent) {
  auto& server = *static_cast<Server*>(object);
  if (!has_check(parent)) server.check.enabled = false;
  const auto& backend = *static_cast<const BackendDraft*>(parent);
  server.mode = backend.mode;
  server.http_connection =
      backend.mode == Mode::http ? backend.http.http_connection : HttpConnection::keep_alive;
}

void take_over_server_defaults(void* object, const void* parent) {
  *static_cast<Server*>(object) = static_cast<const BackendDraft*>(parent)->server_defaults;
  take_over_backend(object, parent);
}

void refuse_check_without_one(DecodeContext& context, const Node& node, const std::string& path, void* object,
                              const void* parent) {
  const Node* check = node.find("check");
  if (check == nullptr || !static_cast<Server*>(object)->check.enabled || has_check(parent)) return;
  context.report.error(check->key_position, path_key(path, check->key),
                       "has no effect unless the backend has a check");
}

/// Who tracks another server runs no check of its own, unless it insists.
void finish_track(DecodeContext& context, const Node& node, const std::string& path, Server& server) {
  if (node.find("track") == nullptr) return;
  for (const std::string_view key : {"check", "observe"}) {
    const Node* own = node.find(key);
    const bool wanted = key == "check" ? server.check.enabled : server.observe != Observe::none;
    if (own == nullptr || !wanted) continue;
    context.report.error(own->key_position, path_key(path, key),
                         "a server that tracks another one has no check of its own");
  }
  server.check = {};
  for (const Field& field : {row::server_observe, row::server_on_error, row::server_error_limit})
    apply_default(field, &server);
}

void check_checks_of_destination(DecodeContext& context, const Node& node, const std::string& path,
                                 const Server& server) {
  const bool checked = server.check.enabled && (server.check.address.text.empty() || server.check.port == 0);
  const bool asked = server.agent_check.port != 0 && server.agent_check.address.text.empty();
  if (!checked && !asked) return;
  context.report.error(
      node.find("address")->position, path_key(path, "address"),
      checked ? "where clients want to go is nothing that a check can connect to; give the check an "
                "address and a port, or set \"check\": false"
              : "where clients want to go has no agent; give agent_check an address");
}

void finish_server(DecodeContext& context, const Node& node, const std::string& path, void* object,
                   const void* parent) {
  finish_track(context, node, path, *static_cast<Server*>(object));
  refuse_check_without_one(context, node, path, object, parent);
  const Server& server = *static_cast<const Server*>(object);
  check_source(context, node, path, server);
  if (server.address.kind == Address::Kind::destination)
    check_checks_of_destination(context, node, path, server);
}

constexpr Section default_server_section{
    .help = "What the servers of the backend take over where they say nothing.",
    .fields = default_server_fields,
    .prepare = take_over_backend,
    .finish = refuse_check_without_one};
constexpr Section server_section{.help = "One server.",
                                 .fields = server_fields,
                                 .prepare = take_over_server_defaults,
                                 .finish = finish_server,
                                 .example = R"({"name": "s1", "address": "10.0.0.1:80"})"};

// --- backends

bool hashes(const void* backend) {
  return is_hashing(static_cast<const BackendDraft*>(backend)->balance);
}

bool hashes_consistently(const void* backend) {
  return hashes(backend) &&
         static_cast<const BackendDraft*>(backend)->hash.type == balance::HashType::consistent;
}

constexpr Condition hashing_only{"balance", hashes,
                                 "the algorithm is one of source, hash, uri, url_param and hdr"};
constexpr Condition consistent_only{"hash", hashes_consistently,
                                    "the algorithm hashes and its hash is consistent"};

constexpr Condition backend_check_only{"check", has_check, "the backend has a check"};

bool reuses_connections(const void* object) {
  const auto& backend = *static_cast<const BackendDraft*>(object);
  return backend.mode == Mode::http && backend.http.http_connection == HttpConnection::keep_alive;
}

bool retries_requests(const void* object) {
  const auto& backend = *static_cast<const BackendDraft*>(object);
  return backend.mode == Mode::http && backend.retries != 0;
}

constexpr Condition reuse_only{"", reuses_connections, "the mode is http and http_connection is keep-alive"};
constexpr Condition retry_only{"", retries_requests, "the mode is http and retries is more than 0"};

/// The backend's own key sets what its servers take over.
constexpr Field backend_on_marked_down() {
  Field field = row::server_on_marked_down.only_if(backend_check_only).as_input_only();
  field.member = [](void* backend) -> void* {
    return &static_cast<BackendDraft*>(backend)->server_defaults.on_marked_down;
  };
  return field;
}

constexpr Field backend_source() {
  Field field = server_source.as_input_only();
  field.help = "Where connections to the servers come from, instead of what the kernel chooses.";
  field.member = [](void* backend) -> void* {
    return &static_cast<BackendDraft*>(backend)->server_defaults.source;
  };
  return field;
}

constexpr Field time_out_fields[] = {row::time_out_connect,    row::time_out_queue, row::time_out_server,
                                     row::time_out_server_fin, row::time_out_check, row::time_out_tunnel};
constexpr Section time_out_section{.help = "Time-outs towards servers.", .fields = time_out_fields};

constexpr Field tcp_request_fields[] = {row::inspect_delay<BackendDraft>(),
                                        row::tcp_request_content<BackendDraft>()};
constexpr Section tcp_request_section{
    .help = "Rules about what connections begin with, once the backend has been chosen.",
    .fields = tcp_request_fields,
    .finish = row::finish_tcp_request<BackendDraft>,
    .absent = row::has_no_tcp_rules<BackendDraft>};

constexpr Field tcp_response_fields[] = {
    row::value<&BackendDraft::response_inspect_delay_ms, BackendDraft>(
        "inspect_delay", as_duration, "0",
        "How long content rules may wait for bytes that decide. 0: they are looked at once, as soon as the "
        "connection stands.",
        {0, 24 * 3600 * 1000})
        .only_if(row::inspecting_only<BackendDraft, rules::RuleList::tcp_response_content>),
    row::rule_list<BackendDraft, rules::RuleList::tcp_response_content>(
        "Rules about the bytes that a server begins with, which wait for them as those of `tcp_request` do "
        "for the client's. The client gets nothing before they have decided. In mode http they are looked "
        "at for each response, as soon as its head has been read.")};
constexpr Section tcp_response_section{.help = "Rules about what a server says first.",
                                       .fields = tcp_response_fields,
                                       .finish = row::finish_tcp_response<BackendDraft>,
                                       .absent = row::has_no_tcp_response_rules<BackendDraft>};

constexpr Field backend_fields[] = {
    row::mode<BackendDraft>(),
    row::balance<BackendDraft>(),
    row::hash<BackendDraft>().only_if(hashing_only),
    row::hash_balance_factor<BackendDraft>().only_if(consistent_only),
    row::retries<BackendDraft>(),
    row::redispatch<BackendDraft>(),
    row::value<&BackendDraft::full_connections, BackendDraft>(
        "full_connections", as_count, "0",
        "The number of the backend's connections at which servers with min_connections reach their "
        "max_connections.",
        {0, row::connections_max}),
    row::all_backups<BackendDraft>(),
    row::object<&BackendDraft::timeouts, BackendDraft>("timeouts", time_out_section,
                                                       "Time-outs towards servers."),
    row::keep_alive<BackendDraft>(),
    backend_source(),
    row::object<&BackendDraft::close, BackendDraft>(
        "close", close_section,
        "How connections to servers end when the client has closed first: a policy, or an object with its "
        "options."),
    row::http_connection<BackendDraft>(),
    row::http_reuse<BackendDraft>().only_if(reuse_only),
    row::retry_on<BackendDraft>().only_if(retry_only),
    row::abort_on_close<BackendDraft>(),
    row::http_optional<BackendDraft, &HttpBackend::cookie>(
        "cookie", cookie_section, "A cookie that keeps sending a client to the same server.")
        .with_note("none"),
    row::forward_for<BackendDraft>(),
    row::original_to<BackendDraft>(),
    row::forwarded<BackendDraft>(),
    row::forwarded_proto<BackendDraft>(),
    row::accept_invalid<BackendDraft>(),
    row::http_buffer_request<BackendDraft>(),
    row::error_files<BackendDraft>(),
    row::errors<BackendDraft>(),
    row::acls<BackendDraft>(),
    row::stick_table<BackendDraft>(),
    row::tcp_request<BackendDraft>(tcp_request_section),
    row::tcp_response<BackendDraft>(tcp_response_section),
    row::http_request<BackendDraft>(),
    row::http_response<BackendDraft>(),
    row::http_after_response<BackendDraft>(),
    row::objects<&BackendDraft::use_server, BackendDraft>(
        "use_server", use_server_section,
        "Which server some connections or requests go to: the first rule that applies.", {1, 4096}),
    row::objects<&BackendDraft::stick, BackendDraft>(
        "stick", stick_rule_section,
        "Keeps clients at servers by a stick table, behind `use_server` and the cookie.", {1, 64}),
    row::http_value<BackendDraft, &HttpBackend::force_persist>(
        "force_persist", as_condition, "",
        "Where this condition holds, the server that the cookie or `use_server` names is taken although it "
        "is down or in maintenance: to try it before clients come.")
        .with_note("never"),
    row::http_value<BackendDraft, &HttpBackend::ignore_persist>(
        "ignore_persist", as_condition, "",
        "Where this condition holds, the cookie neither counts nor is set: for static files.")
        .with_note("never"),
    row::check<BackendDraft>(),
    backend_on_marked_down(),
    row::object<&BackendDraft::server_defaults>("default_server", default_server_section,
                                                "What the servers take over where they say nothing.")
        .as_input_only(),
    row::objects<&BackendDraft::servers, BackendDraft>("servers", server_section, "The servers.",
                                                       {1, balance::servers_max})
        .as_required(),
};

void take_over_defaults(void* object, const void* parent) {
  auto& backend = *static_cast<BackendDraft*>(object);
  const Defaults& defaults = static_cast<const Document*>(parent)->defaults;
  backend.mode = defaults.mode;
  backend.balance = defaults.balance;
  backend.hash = defaults.hash;
  backend.hash_balance_factor = defaults.hash_balance_factor;
  backend.retries = defaults.retries;
  backend.redispatch = defaults.redispatch;
  backend.all_backups = defaults.all_backups;
  backend.timeouts.connect_ms = defaults.timeouts.connect_ms;
  backend.timeouts.queue_ms = defaults.timeouts.queue_ms;
  backend.timeouts.server_ms = defaults.timeouts.server_ms;
  backend.timeouts.server_fin_ms = defaults.timeouts.server_fin_ms;
  backend.timeouts.check_ms = defaults.timeouts.check_ms;
  backend.keep_alive = defaults.keep_alive;
  backend.timeouts.tunnel_ms = defaults.timeouts.tunnel_ms;
  backend.check = defaults.check;
  static_cast<HttpShared&>(backend.http) = defaults.http;
  static_cast<HttpForwarding&>(backend.http) = defaults.http;
}

/// Only now is it known that neither the backend nor the defaults give these.
void complete_check(Check& check) {
  if (check.fast_interval_ms == 0) check.fast_interval_ms = check.interval_ms;
  if (check.down_interval_ms == 0) check.down_interval_ms = check.interval_ms;
}

bool has_id(const BackendDraft& backend, std::uint32_t id) {
  return std::any_of(backend.servers.begin(), backend.servers.end(),
                     [id](const Server& server) { return server.id == id; });
}

/// As HAProxy numbers them.
void number_servers(BackendDraft& backend) {
  std::uint32_t next = 1;
  for (Server& server : backend.servers) {
    if (server.id == 0) {
      while (has_id(backend, next)) ++next;
      server.id = next;
    }
    ++next;
  }
}

void complete_backend(DecodeContext& context, const Node& node, const std::string& path, void* object,
                      const void*) {
  auto& backend = *static_cast<BackendDraft*>(object);
  complete_check(backend.check);
  number_servers(backend);
  const Node* source = node.find("source");
  if (source != nullptr && source->kind == Node::Kind::object && source->children.empty())
    context.report.error(source->position, path_key(path, "source"), "says nothing");
  complete_balance(context, node, path, backend);
  complete_http_timeouts(context, node, path, backend.mode, backend.timeouts);
  check_http_rules(context, node, path, backend.rules);
}

}  // namespace

const Section backend_section{.help = "A group of servers.",
                              .fields = backend_fields,
                              .prepare = take_over_defaults,
                              .finish = complete_backend};

}  // namespace corelane::config
