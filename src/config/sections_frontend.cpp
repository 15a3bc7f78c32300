// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "config/cross_checks.hpp"
#include "config/frontend_logs.hpp"
#include "config/http_rows.hpp"
#include "config/row.hpp"
#include "config/rule_rows.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::array<std::string_view, 2> modes{"tcp", "http"};

const Address& address_of(const void* bind) {
  return static_cast<const Bind*>(bind)->address;
}

bool is_network(const void* bind) {
  const Address::Kind kind = address_of(bind).kind;
  return kind == Address::Kind::ip || kind == Address::Kind::host;
}

bool needs_freebind(const void* bind) {
  return is_network(bind) && !static_cast<const Bind*>(bind)->transparent;
}

bool may_be_ipv6(const void* bind) {
  const Address& address = address_of(bind);
  return address.kind == Address::Kind::host || address.endpoint.family == base::Family::ipv6;
}

bool is_socket_file(const void* bind) {
  const Address& address = address_of(bind);
  return address.kind == Address::Kind::unix_path && address.path.starts_with('/');
}

constexpr Condition network_only{"address", is_network, "the address is an IP address or a host name"};
constexpr Condition freebind_only{"", needs_freebind,
                                  "the address is an IP address or a host name and the bind is not "
                                  "transparent, which takes any address"};
constexpr Condition ipv6_address_only{"address", may_be_ipv6,
                                      "the address is an IPv6 address or a host name"};
constexpr Condition socket_file_only{"address", is_socket_file, "the address is the file of a UNIX socket"};

constexpr Field bind_fields[] = {
    row::value<&Bind::address>(
        "address", as_bind_address, "",
        "Where to listen. :PORT is every IPv4 address, [::]:PORT every IPv6 address and, without "
        "ipv6_only, every IPv4 address too; fd@N is a listening socket that was inherited.")
        .as_required(),
    row::value<&Bind::name>("name", as_bind_name, "", "What so_name calls it.").with_note("none"),
    row::value<&Bind::interface>("interface", as_interface, "",
                                 "Takes connections of this network interface only.")
        .with_note("any")
        .only_if(network_only),
    row::value<&Bind::transparent>("transparent", as_boolean, "false",
                                   "Takes connections to addresses that this machine does not have, which "
                                   "packet rules bring here (TPROXY). See docs/transparent.md.")
        .only_if(network_only),
    row::value<&Bind::freebind>("freebind", as_boolean, "false",
                                "Listens on the address also while no interface has it, as with an address "
                                "that moves between machines.")
        .only_if(freebind_only),
    row::packet_mark<Bind>().only_if(network_only),
    row::packet_tos<Bind>().only_if(network_only),
    row::value<&Bind::backlog>("backlog", as_count, "", "Connections that may wait in the kernel.",
                               {1, 1'048'576})
        .with_note("max_connections of the frontend, at most the system's somaxconn"),
    row::value<&Bind::defer_accept>("defer_accept", as_boolean, "false",
                                    "Wakes up for a connection only when its first bytes are there.")
        .only_if(network_only),
    row::value<&Bind::max_segment>("max_segment", as_count, "", "Largest TCP segment in bytes.", {88, 32767})
        .with_note("the system's value")
        .only_if(network_only),
    row::value<&Bind::ipv6_only>("ipv6_only", as_boolean, "false",
                                 "Takes no IPv4 connections on an IPv6 address.")
        .only_if(ipv6_address_only),
    row::value<&Bind::socket_mode>("mode", as_file_mode, "", "Permissions of a UNIX socket's file, in octal.")
        .with_note("as the umask leaves them")
        .only_if(socket_file_only),
    row::value<&Bind::accept_proxy>(
        "accept_proxy", as_accept_proxy, "false",
        "Connections begin with a PROXY header, version 1 or 2, which names the client. With a list of "
        "networks only those that come from there do."),
    row::optional_object<&Bind::tls>("tls", bind_tls_section,
                                     "TLS, which ends here: servers get what was said inside."),
};
constexpr Section bind_section{
    .help = "One listening socket.", .fields = bind_fields, .example = R"({"address": ":80"})"};

/// check_proxy_headers() says that of those whose binds take no headers.
constexpr Condition client_hs_only{"",
                                   [](const void* time_outs) {
                                     return static_cast<const Timeouts*>(time_outs)->client_hs_ms !=
                                            unused_time_out_ms;
                                   },
                                   "a bind has accept_proxy or tls"};

constexpr Field time_out_fields[] = {row::time_out_client,
                                     row::time_out_client_fin,
                                     row::time_out_client_hs.only_if(client_hs_only),
                                     row::time_out_http_request,
                                     row::time_out_http_keep_alive,
                                     row::time_out_tarpit};
constexpr Section time_out_section{.help = "Time-outs towards clients.", .fields = time_out_fields};

constexpr Condition monitor_only{
    "monitor_uri",
    [](const void* frontend) { return !static_cast<const Frontend*>(frontend)->http.monitor_uri.empty(); },
    "there is a monitor_uri"};

constexpr Condition unique_http_only{"unique_id_format",
                                     [](const void* object) {
                                       const auto& frontend = *static_cast<const Frontend*>(object);
                                       return frontend.mode == Mode::http &&
                                              !frontend.unique_id_format.empty();
                                     },
                                     "the mode is http and there is a unique_id_format"};

constexpr Field capture() {
  Field field = row::object<&HttpFrontend::capture>(
      "capture", capture_section, "Fields and a cookie whose values the http log line has.");
  field.member = &row::http_access<Frontend, &HttpFrontend::capture>;
  return row::in_http_mode<Frontend>(field);
}

constexpr Field tcp_request_fields[] = {
    row::inspect_delay<Frontend>(),
    row::rule_list<Frontend, rules::RuleList::tcp_request_connection>(
        "Rules about connections that have just been accepted, before their PROXY header."),
    row::rule_list<Frontend, rules::RuleList::tcp_request_session>(
        "Rules about connections whose client is known: after the PROXY header, where one comes."),
    row::tcp_request_content<Frontend>(),
};
constexpr Section tcp_request_section{.help = "Rules about connections and what they begin with.",
                                      .fields = tcp_request_fields,
                                      .finish = row::finish_tcp_request<Frontend>,
                                      .absent = row::has_no_tcp_rules<Frontend>};

constexpr Field frontend_fields[] = {
    row::mode<Frontend>(),
    row::objects<&Frontend::bind>("bind", bind_section, "The listening sockets.", {1, 256}).as_required(),
    row::value<&Frontend::max_connections>(
        "max_connections", as_count, "0",
        "Connections of this frontend; more wait in the kernel. 0: only the process's limit.",
        {0, row::connections_max}),
    row::object<&Frontend::timeouts>("timeouts", time_out_section, "Time-outs towards clients."),
    row::keep_alive<Frontend>(),
    row::log<Frontend>(),
    row::log_format<Frontend>(),
    row::error_log_format<Frontend>(),
    row::dont_log_null<Frontend>(),
    row::log_as_soon_as_possible<Frontend>(),
    row::dont_log_normal<Frontend>(),
    row::log_separate_errors<Frontend>(),
    capture(),
    row::http_connection<Frontend>(),
    row::forward_for<Frontend>(),
    row::original_to<Frontend>(),
    row::forwarded<Frontend>(),
    row::forwarded_proto<Frontend>(),
    row::accept_invalid<Frontend>(),
    row::http_value<Frontend, &HttpFrontend::monitor_uri>(
        "monitor_uri", as_uri_path, "",
        "A path that Corelane answers itself with status 200, for those that watch it. No log line is "
        "written.")
        .with_note("none"),
    row::http_value<Frontend, &HttpFrontend::monitor_fail>(
        "monitor_fail", as_condition, "",
        "While this condition holds, monitor_uri is answered with status 503.")
        .with_note("never")
        .only_if(monitor_only),
    row::value<&Frontend::unique_id_format>(
        "unique_id_format", as_template, "",
        "A name for each request or TCP connection, with samples: `%{+X}o%ci:%cp_%fi:%fp_%Ts_%rt:%pid`. It "
        "is `%ID` in log "
        "lines, the sample `unique-id`, and the unique-id of PROXY headers that are sent; at most 128 bytes.")
        .with_note("none"),
    row::value<&Frontend::unique_id_header>("unique_id_header", as_token, "",
                                            "A field in which servers get that name.")
        .with_note("none")
        .only_if(unique_http_only),
    row::http_buffer_request<Frontend>(),
    row::error_files<Frontend>(),
    row::errors<Frontend>(),
    row::acls<Frontend>(),
    row::stick_table<Frontend>(),
    row::tcp_request<Frontend>(tcp_request_section),
    row::http_request<Frontend>(),
    row::http_response<Frontend>(),
    row::http_after_response<Frontend>(),
    row::objects<&Frontend::use_backend>(
        "use_backend", use_backend_section,
        "Where some connections go, or in mode http some requests: the first rule that applies decides.",
        {1, 4096}),
    row::value<&Frontend::default_backend>("default_backend", as_backend_reference, "",
                                           "Where all others go.")
        .as_required(),
};

constexpr Field defaults_time_out_fields[] = {
    row::time_out_connect,         row::time_out_queue,      row::time_out_client,
    row::time_out_server,          row::time_out_client_fin, row::time_out_client_hs,
    row::time_out_server_fin,      row::time_out_check,      row::time_out_http_request,
    row::time_out_http_keep_alive, row::time_out_tarpit,     row::time_out_tunnel};
constexpr Section defaults_time_out_section{.help = "Time-outs.", .fields = defaults_time_out_fields};

constexpr Field defaults_fields[] = {
    row::mode<Defaults>(),
    row::object<&Defaults::timeouts>("timeouts", defaults_time_out_section, "Time-outs towards both sides."),
    row::keep_alive<Defaults>(),
    row::log<Defaults>(),
    row::log_format<Defaults>(),
    row::error_log_format<Defaults>(),
    row::dont_log_null<Defaults>(),
    row::log_as_soon_as_possible<Defaults>(),
    row::dont_log_normal<Defaults>(),
    row::log_separate_errors<Defaults>(),
    row::http_connection<Defaults>(),
    row::forward_for<Defaults>(),
    row::original_to<Defaults>(),
    row::forwarded<Defaults>(),
    row::forwarded_proto<Defaults>(),
    row::accept_invalid<Defaults>(),
    row::http_reuse<Defaults>(),
    row::retry_on<Defaults>(),
    row::abort_on_close<Defaults>(),
    row::http_buffer_request<Defaults>(),
    row::error_files<Defaults>(),
    row::errors<Defaults>(),
    row::balance<Defaults>(),
    row::hash<Defaults>(),
    row::hash_balance_factor<Defaults>(),
    row::retries<Defaults>(),
    row::redispatch<Defaults>(),
    row::all_backups<Defaults>(),
    row::check<Defaults>(),
};

void take_over_defaults(void* object, const void* parent) {
  auto& frontend = *static_cast<Frontend*>(object);
  const Defaults& defaults = static_cast<const Document*>(parent)->defaults;
  frontend.mode = defaults.mode;
  frontend.timeouts.client_ms = defaults.timeouts.client_ms;
  frontend.timeouts.client_fin_ms = defaults.timeouts.client_fin_ms;
  frontend.timeouts.client_hs_ms = defaults.timeouts.client_hs_ms;
  frontend.keep_alive = defaults.keep_alive;
  frontend.log = defaults.log;
  frontend.log_format = defaults.log_format;
  frontend.error_log_format = defaults.error_log_format;
  frontend.dont_log_null = defaults.dont_log_null;
  frontend.timeouts.http_request_ms = defaults.timeouts.http_request_ms;
  frontend.timeouts.http_keep_alive_ms = defaults.timeouts.http_keep_alive_ms;
  frontend.timeouts.tarpit_ms = defaults.timeouts.tarpit_ms;
  static_cast<HttpShared&>(frontend.http) = defaults.http;
  static_cast<HttpLogging&>(frontend.http) = defaults.http;
}

/// Where nobody names the log's form, or the defaults name one that another mode has, it follows the mode.
void complete_log_format(DecodeContext& context, const Node& node, const std::string& path,
                         Frontend& frontend, const Defaults& defaults) {
  const Node* own = node.find("log_format");
  const bool unfit = frontend.mode == Mode::tcp && is_http_log_format(frontend.log_format);
  const bool is_word = frontend.log_format.find('%') == std::string::npos;
  if (own != nullptr && unfit && is_word) {
    context.report.error(own->position, path_key(path, own->key), "http log lines need mode http",
                         {{std::string(log_format_tcp), std::string(log_format_json)}, ""});
  } else if (own == nullptr && (unfit || !defaults.log_format_given)) {
    frontend.log_format = frontend.mode == Mode::http ? log_format_http : log_format_tcp;
  }
  if (frontend.mode == Mode::tcp && is_http_log_format(frontend.error_log_format) &&
      node.find("error_log_format") == nullptr)
    frontend.error_log_format.clear();
}

void check_log_targets(DecodeContext& context, const Node& node, const std::string& path,
                       const std::vector<LogTarget>& log) {
  const Node* own = node.find("log");
  const auto is_none = [](const LogTarget& target) { return target.kind == LogTarget::Kind::none; };
  if (own != nullptr && log.size() > 1 && std::ranges::any_of(log, is_none))
    context.report.error(own->position, path_key(path, own->key),
                         "none stands alone: other targets would get lines");
}

void complete_frontend(DecodeContext& context, const Node& node, const std::string& path, void* object,
                       const void* parent) {
  auto& frontend = *static_cast<Frontend*>(object);
  complete_log_format(context, node, path, frontend, static_cast<const Document*>(parent)->defaults);
  check_log_targets(context, node, path, frontend.log);
  complete_http_timeouts(context, node, path, frontend.mode, frontend.timeouts);
  check_http_rules(context, node, path, frontend.rules);
}

void complete_defaults(DecodeContext& context, const Node& node, const std::string& path, void* object,
                       const void*) {
  auto& defaults = *static_cast<Defaults*>(object);
  defaults.log_format_given = node.find("log_format") != nullptr;
  check_log_targets(context, node, path, defaults.log);
}

}  // namespace

const Section frontend_section{.help = "Where clients connect.",
                               .fields = frontend_fields,
                               .prepare = take_over_defaults,
                               .finish = complete_frontend};
const Section defaults_section{.help =
                                   "What frontends and backends take over where they say nothing; the "
                                   "defaults below are those of a file "
                                   "without this section.",
                               .fields = defaults_fields,
                               .finish = complete_defaults};

std::span<const std::string_view> mode_words() {
  return modes;
}

}  // namespace corelane::config
