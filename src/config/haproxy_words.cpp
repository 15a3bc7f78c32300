// SPDX-License-Identifier: Apache-2.0
#include "config/haproxy_words.hpp"

#include <algorithm>

namespace corelane::config {
namespace {

constexpr HaproxyWord words[] = {
    {"maxconn", "max_connections"},
    {"nbthread", "reactors"},
    {"hard-stop-after", "drain_timeout"},
    {"maxpipes", "pipes_max"},
    {"bufsize", "buffer_size"},
    {"pipesize", "pipe_size"},
    {"mss", "max_segment"},
    {"v6only", "ipv6_only"},
    {"tcpka", "keep_alive"},
    {"clitcpka", "keep_alive"},
    {"srvtcpka", "keep_alive"},
    {"dontlognull", "dont_log_null"},
    {"allbackups", "all_backups"},
    {"inter", "interval"},
    {"fastinter", "fast_interval"},
    {"downinter", "down_interval"},
    {"addr", "address"},
    {"tcp-check", "check"},
    {"mysql-check", "check"},
    {"pgsql-check", "check"},
    {"smtpchk", "check"},
    {"ldap-check", "check"},
    {"ssl-hello-chk", "check"},
    {"redis-check", "check"},
    {"httpchk", "check"},
    {"http-check", "check"},
    {"meth", "method"},
    {"ver", "version"},
    {"hdr", "headers"},
    {"disable-on-404", "disable_on_404"},
    {"binary", "expect_binary"},
    {"rstring", "expect_regex"},
    {"min-recv", "within"},
    {"check-send-proxy", "send_proxy"},
    {"on-error", "on_error"},
    {"error-limit", "error_limit"},
    {"agent-check", "agent_check"},
    {"agent-port", "agent_check"},
    {"agent-addr", "agent_check"},
    {"agent-inter", "agent_check"},
    {"agent-send", "agent_check"},
    {"on-marked-down", "on_marked_down"},
    {"send-proxy-v2", "send_proxy"},
    {"proxy-v2-options", "send_proxy"},
    {"expect-proxy", "accept_proxy"},
    {"minconn", "min_connections"},
    {"fullconn", "full_connections"},
    {"maxqueue", "max_queue"},
    {"slowstart", "slow_start"},
    {"hash-type", "hash"},
    {"hash-balance-factor", "hash_balance_factor"},
    {"nolinger", "close"},
    {"usesrc", "source"},
    {"usesrc", "transparent"},
    {"set-mark", "mark"},
    {"set-tos", "tos"},
    {"forwardfor", "forward_for"},
    {"originalto", "original_to"},
    {"httplog", "log_format"},
    {"tcplog", "log_format"},
    {"logasap", "log_as_soon_as_possible"},
    {"dontlog-normal", "dont_log_normal"},
    {"http-server-close", "http_connection"},
    {"httpclose", "http_connection"},
    {"forceclose", "http_connection"},
    {"http-keep-alive", "http_keep_alive"},
    {"http-keep-alive", "http_connection"},
    {"errorfile", "error_files"},
    {"errorfiles", "errors"},
    {"http-errors", "errors"},
    {"abortonclose", "abort_on_close"},
    {"accept-invalid-http-request", "accept_invalid"},
    {"accept-invalid-http-response", "accept_invalid"},
    {"pool-max-conn", "pool_max_connections"},
    {"maxidle", "max_idle"},
    {"maxlife", "max_life"},
    {"attr", "attributes"},
    {"dynamic-cookie-key", "dynamic_key"},
    {"dynamic-cookie-key", "cookie"},
    {"maxhdr", "fields"},
    {"acl", "acls"},
    {"http-request", "http_request"},
    {"http-response", "http_response"},
    {"http-after-response", "http_after_response"},
    {"set-cookie", "set_cookie"},
    {"clear-cookie", "clear_cookie"},
    {"drop-query", "drop_query"},
    {"append-slash", "append_slash"},
    {"insecure-password", "insecure_password"},
    {"userlist", "userlists"},
    {"redirect", "http_request"},
    {"block", "http_request"},
    {"deny_status", "status"},
    {"code", "status"},
    {"content-type", "content_type"},
    {"hdr", "headers"},
    {"hdr", "name"},
    {"use-backend", "use_backend"},
    {"stick-table", "stick_table"},
    {"len", "length"},
    {"monitor-fail", "monitor_fail"},
    {"monitor-uri", "monitor_uri"},
};

}  // namespace

std::span<const HaproxyWord> haproxy_words() {
  return words;
}

std::string_view key_of_haproxy_word(std::string_view word, std::span<const std::string_view> keys) {
  for (const HaproxyWord& row : words) {
    if (row.theirs == word && std::find(keys.begin(), keys.end(), row.key) != keys.end()) return row.key;
  }
  return {};
}

}  // namespace corelane::config
