// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <fmt/format.h>

namespace corelane::config {

const std::string_view full_sample = R"json({
  "$schema": "corelane.schema.json",
  "global": {
    "reactors": 2, "pin": false, "even_lanes": false, "max_connections": 1000, "drain_timeout": "1m",
    "log": [{"to": "udp://127.0.0.1:514", "facility": "local2"}, {"to": "stdout"},
      {"to": "unix:/dev/log", "format": "rfc5424", "level": "notice", "min_level": "err", "length": 1024, "sample": "1,3-4:10"}],
    "log_tag": "lb", "log_send_hostname": "auto",
    "admin": {"bind": ["127.0.0.1:8404", "unix:/run/corelane.sock"]},
    "tune": {"buffer_size": "32k", "buffers_max": 512, "pipes_max": 16, "pipe_size": "64k", "tls_session_cache": 1000,
      "http": {"head_bytes": "8k", "fields": 64, "uri_bytes": "4k", "chunk_line_bytes": 128, "trailer_bytes": "2k"}}
  },
  "defaults": {
    "mode": "tcp",
    "timeouts": {"connect": "1s", "queue": "13s", "client": "2s", "server": "3s", "client_fin": "4s", "server_fin": "5s", "check": "6s",
      "client_hs": "7s", "http_request": "8s", "http_keep_alive": "9s", "tarpit": "11s", "tunnel": "2h"},
    "keep_alive": {"enabled": true, "idle": "60s", "interval": "10s", "count": 5},
    "log": [{"to": "none"}], "log_format": "json", "error_log_format": "%ci %ts", "dont_log_null": true, "balance": "leastconn",
    "hash": {"type": "map-based", "function": "djb2", "modifier": "avalanche"}, "hash_balance_factor": 150,
    "retries": 1, "redispatch": false, "all_backups": true,
    "log_as_soon_as_possible": true, "dont_log_normal": true, "log_separate_errors": true,
    "http_connection": "keep-alive", "http_reuse": "aggressive", "retry_on": "none", "abort_on_close": true, "http_buffer_request": true,
    "forward_for": {"header": "X-Client", "except": ["127.0.0.0/8"], "if_none": true},
    "original_to": {"header": "X-To", "except": ["::1"], "if_none": true},
    "forwarded": {"proto": true, "host": true, "for": true, "for_port": true, "by": true, "by_port": true},
    "forwarded_proto": true, "accept_invalid": ["characters_in_names"],
    "error_files": {"503": "/etc/corelane/503.http", "400": "/etc/corelane/400.http"}, "errors": "pages",
    "check": {"type": "tcp", "interval": "3s", "fast_interval": "1s", "down_interval": "5s", "rise": 4, "fall": 5}
  },
  "userlists": {"staff": {"users": {"ann": {"password": "$5$salt$hash", "groups": ["admin", "ops"]},
                                    "bob": {"insecure_password": "secret", "groups": []}}}},
  "frontends": {
    "web": {
      "mode": "tcp",
      "bind": [
        {"name": "public", "address": "[::]:80", "interface": "eth0", "backlog": 128, "defer_accept": true, "max_segment": 1400,
         "ipv6_only": true, "accept_proxy": ["10.0.0.0/8", "::1"], "transparent": true, "mark": 7, "tos": 184},
        {"address": "10.0.0.9:80", "freebind": true, "tos": "cs1"},
        {"address": "10.0.0.9:443", "tls": {"certificates": ["/etc/corelane/site.pem", "certs"], "certificate_list": "sites.list",
          "strict_sni": true, "min_version": "TLSv1.1", "max_version": "TLSv1.3", "ciphers": "ECDHE+AESGCM", "curves": ["X25519", "P-256"],
          "ciphersuites": "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256", "sigalgs": ["ecdsa_secp256r1_sha256"], "alpn": ["http/1.1"], "tickets": true, "ticket_keys": "tickets.keys",
          "session_lifetime": "10m", "verify": "required", "client_ca": "clients-ca.pem", "crl": "revoked.pem",
          "ca_ignore_errors": "all", "crt_ignore_errors": ["X509_V_ERR_CERT_HAS_EXPIRED", 31]}},
        {"address": "unix:/run/web.sock", "mode": "0660"}
      ],
      "max_connections": 500,
      "timeouts": {"client": "7s", "client_fin": "8s", "client_hs": "9s"},
      "keep_alive": {"enabled": true, "idle": "61s", "interval": "11s", "count": 6},
      "log": [{"to": "global"}, {"to": "stdout", "format": "iso"},
        {"to": "unix:/dev/log", "facility": "mail", "level": "info", "min_level": "crit", "length": 2048, "sample": "1:2"}], "log_format": "tcp", "error_log_format": "json", "dont_log_null": false,
      "tcp_request": {
        "inspect_delay": "5s",
        "connection": [{"action": "expect-proxy", "if": "{ src 10.0.0.0/8 }"}, {"action": "set-mark", "value": "0x10"}],
        "session": [{"action": "reject", "unless": "{ src 10.0.0.0/8 }"}],
        "content": [{"action": "accept", "if": "{ req.ssl_hello_type 1 }"}, {"action": "reject"}]
      },
      "default_backend": "app"
    },
    "inherited": {"bind": [{"address": "fd@7"}], "default_backend": "plain"},
    "scripted": {"bind": [{"address": ":6379"}], "default_backend": "script"},
    "sql": {"bind": [{"address": ":3306"}], "default_backend": "sql"},
    "hashed": {"bind": [{"address": ":81"}], "default_backend": "hashed"},
    "pg": {"bind": [{"address": ":5432"}], "default_backend": "pg"},
    "mail": {"bind": [{"address": ":25"}], "default_backend": "mail"},
    "users": {"mode": "http", "bind": [{"address": ":82", "tls": {"certificates": ["site.pem"], "early_data": true}}], "default_backend": "users"},
    "hosts": {"mode": "http", "bind": [{"address": ":83"}], "default_backend": "hosts"},
    "once": {"bind": [{"address": ":85"}], "default_backend": "once"},
    "steps": {"bind": [{"address": ":86"}], "default_backend": "steps"},
    "chat": {"bind": [{"address": ":87"}], "default_backend": "chat"},
    "site": {
      "mode": "http", "bind": [{"address": ":8080"}],
      "timeouts": {"http_request": "10s", "http_keep_alive": "1s", "tarpit": "12s"},
      "log_format": "http", "log_as_soon_as_possible": false, "dont_log_normal": false, "log_separate_errors": false,
      "capture": {"request_headers": [{"name": "Host", "length": 64}], "response_headers": [{"name": "Server", "length": 20}],
                  "cookie": {"name": "SERVERID", "length": 32},
                  "request_slots": [{"length": 24}], "response_slots": [{"length": 12}]},
      "http_buffer_request": true,
      "http_connection": "close", "forward_for": {"header": "X-Forwarded-For", "except": ["10.0.0.0/8", "::1"], "if_none": false},
      "original_to": {"header": "X-Original-To", "except": ["10.0.0.0/8"], "if_none": false},
      "forwarded": {"proto": false, "host": true, "for": true, "for_port": false, "by": true, "by_port": false},
      "forwarded_proto": false, "accept_invalid": ["characters_in_target", "control_in_values"], "monitor_uri": "/alive?x",
      "unique_id_format": "%{+X}o%ci:%cp_%Ts_%rt", "unique_id_header": "X-Id",
      "monitor_fail": "{ nbsrv(site) lt 1 }", "acls": {"images": ["path_beg /img", "path_end .png"], "local": "src 127.0.0.0/8"},
      "http_request": [
        {"action": "deny", "status": 429, "if": "images"},
        {"action": "return", "status": 201, "content_type": "text/html", "string": "<p>\n%[src]",
         "headers": [{"name": "X-H", "value": "%[path]"}], "unless": "local"},
        {"action": "redirect", "location": "/x%[path]", "status": 301, "if": "local"},
        {"action": "redirect", "prefix": "https://x", "set_cookie": "seen=1", "drop_query": true, "append_slash": true, "if": "local"},
        {"action": "redirect", "scheme": "https", "clear_cookie": "seen", "if": "local"},
        {"action": "set-header", "name": "X-A", "value": "%[hdr(x-b)]"},
        {"action": "set-var", "name": "txn.host", "expression": "hdr(host),lower"},
        {"action": "auth", "realm": "the inside", "unless": "{ http_auth(staff) }"},
        {"action": "normalize-uri", "normalizer": "path-strip-dotdot", "full": true},
        {"action": "normalize-uri", "normalizer": "percent-to-uppercase", "strict": true},
        {"action": "set-timeout", "timeout": "tunnel", "time": "5m"},
        {"action": "set-log-level", "level": "silent", "if": "images"},
        {"action": "tarpit", "status": 429, "if": "images"},
        {"action": "deny", "status": 403, "file": "sorry.html", "if": "images"},
        {"action": "deny", "status": 403, "lf_file": "sorry.lf", "if": "images"},
        {"action": "return", "status": 503, "error_file": "/etc/corelane/503.http", "if": "images"},
        {"action": "return", "status": 503, "errors": "pages", "if": "images"},
        {"action": "capture", "sample": "path", "length": 16},
        {"action": "capture", "sample": "path", "slot": 1},
        {"action": "wait-for-body", "time": "5s", "at_least": "1k"},
        {"action": "pause", "time": "10ms", "if": "images"},
        {"action": "set-priority-class", "expression": "int(-5)"},
        {"action": "early-hint", "name": "Link", "value": "</style.css>; rel=preload"},
        {"action": "do-log"},
        {"action": "set-priority-offset", "expression": "hdr_cnt(x-slow)"},
        {"action": "replace-header", "name": "X-C", "match": "(.*)", "value": "x\\\\1"},
        {"action": "track-sc1", "key": "hdr(x-key)", "table": "site"},
        {"action": "set-map", "map": "/etc/corelane/kept.map", "key": "%[src]", "value": "%[path]"},
        {"action": "add-acl", "acl": "/etc/corelane/kept.lst", "key": "%[src]",
         "if": "{ src,map_ip(/etc/corelane/kept.map) a } { src -f /etc/corelane/kept.lst }"},
        {"action": "sc-inc-gpc", "counter": 1, "index": 2}
      ],
      "http_response": [
        {"action": "del-header", "name": "X-", "method": "beg"},
        {"action": "set-status", "status": 404, "reason": "Gone astray", "if": "{ status 410 }"},
        {"action": "strict-mode", "enabled": false}
      ],
      "http_after_response": [{"action": "set-header", "name": "X-Z", "value": "%[res.hdr(x-y)]"}],
      "stick_table": {"type": "string", "length": 16, "size": "100k", "expire": "30m", "nopurge": true,
                      "store": ["gpc(4)", "gpc_rate(4,10s)", "http_req_rate(10s)"]},
      "use_backend": [{"backend": "site", "if": "images !local"}, {"backend": "%[hdr(host)]", "unless": "local or images"}],
      "error_files": {"408": "/dev/null"}, "errors": "plain", "default_backend": "site"
    }
  },
  "backends": {
    "app": {
      "stick_table": {"type": "ipv6", "size": 50},
      "mode": "tcp",
      "tcp_request": {"inspect_delay": "1s", "content": [{"action": "reject", "if": "{ req.len 0 }"}]},
      "tcp_response": {"inspect_delay": "3s", "content": [{"action": "close", "if": "{ res.len gt 100 }"}]},
      "balance": {"algorithm": "random", "draws": 3},
      "retries": 2, "redispatch": true, "full_connections": 900, "all_backups": false,
      "timeouts": {"connect": "9s", "queue": "14s", "server": "10s", "server_fin": "11s", "check": "12s"},
      "keep_alive": {"enabled": true, "idle": "62s", "interval": "12s", "count": 7},
      "close": {"policy": "server-first", "wait": "2s"},
      "source": {"addresses": ["10.0.0.2:1025-65000", "10.0.0.3"], "interface": "eth1", "mark": 9, "tos": 32},
      "check": {"type": "tcp", "interval": "4s", "fast_interval": "2s", "down_interval": "6s", "rise": 6, "fall": 7},
      "on_marked_down": "shutdown-sessions",
      "default_server": {"weight": 10, "check": {"enabled": true, "port": 82}, "max_connections": 50, "min_connections": 5,
        "max_queue": 7, "slow_start": "30s", "observe": "layer4", "on_error": "mark-down", "error_limit": 5,
        "agent_check": {"port": 8000, "address": "10.0.1.3", "interval": "7s", "send": "state\n"},
        "on_marked_down": "none",
        "send_proxy": {"version": "v2", "options": ["crc32c", "authority"]},
        "tls": {"ca": "ca.pem", "verify_host": "app.example"}},
      "servers": [
        {"name": "s1", "address": "10.0.0.1:80", "id": 7, "non_stick": true, "weight": 20, "backup": true, 
         "check": {"enabled": true, "address": "10.0.1.1", "port": 81, "source": "10.0.0.4", "send_proxy": true,
           "tls": {"verify": "required", "ca": "ca.pem", "crl": "crl.pem", "sni": "www.example", "verify_host": "a.example",
             "certificate": "own.pem", "min_version": "TLSv1.2", "max_version": "TLSv1.3", "ciphers": "ECDHE+AESGCM",
             "ciphersuites": "TLS_AES_128_GCM_SHA256", "curves": ["X25519"], "sigalgs": ["ecdsa_secp256r1_sha256"],
             "alpn": ["http/1.1"]}}, "max_connections": 60,
         "min_connections": 6, "max_queue": 8, "slow_start": "1m", "observe": "layer4", "on_error": "sudden-death", "error_limit": 6,
         "agent_check": {"port": 8001, "address": "10.0.1.4", "interval": "8s", "send": "st"},
         "on_marked_down": "shutdown-sessions", "send_proxy": {"version": "v2", "options": ["ssl", "unique-id", "cert-key"]},
         "tls": {"verify": "required", "ca": "ca.pem", "crl": "crl.pem", "sni": "ssl_fc_sni", "verify_host": "a.example",
           "certificate": "own.pem", "session_reuse": true, "min_version": "TLSv1.2", "max_version": "TLSv1.3",
           "ciphers": "ECDHE+AESGCM", "ciphersuites": "TLS_AES_128_GCM_SHA256", "curves": ["X25519"],
           "sigalgs": ["ecdsa_secp256r1_sha256"], "alpn": ["http/1.1"]},
         "source": {"addresses": ["10.0.0.4:5000-5999"]}},
        {"name": "s2", "address": "app2.example:80", "track": "app/s1", "tls": false}
      ]
    },
    "plain": {"check": {"type": "none"}, "servers": [{"name": "s1", "address": "unix:@abstract"}]},
    "script": {
      "check": {"type": "tcp", "steps": [
        {"connect": {"port": 6379, "linger": true, "tls": true}, "comment": "the cache"},
        {"send": "PING\r\n"}, {"send_binary": "0d0A"},
        {"expect": "+PONG"}, {"expect_binary": "2b", "comment": "a plus"},
        {"expect_regex": "ERR|WRONG", "negate": true, "within": 20}]},
      "servers": [{"name": "s1", "address": "10.0.0.3:80", "check": {"tls": {"verify": "none"}},
                   "tls": {"verify": "none", "session_reuse": false}}]
    },
    "sql": {
      "check": {"type": "mysql", "user": "checker", "query": "SELECT 1", "expect": "1", "read_only": true,
                "max_replication_lag": "30s"},
      "servers": [{"name": "s1", "address": "10.0.0.4:3306"}]
    },
    "once": {
      "check": {"type": "http", "method": "POST", "uri": "/app", "version": "HTTP/1.0", "host": "www.example",
                "headers": {"Accept": "text/plain"}, "body": "ping", "expect": "! string error", "disable_on_404": true},
      "servers": [{"name": "s1", "address": "10.0.0.7:80"}]
    },
    "steps": {
      "check": {"type": "http", "steps": [
        {"request": {"method": "HEAD", "uri": "/a", "version": "HTTP/1.0", "host": "a.example", "headers": {"A": "b"}, "body": "c"}},
        {"expect": "status 200"}]},
      "servers": [{"name": "s1", "address": "10.0.0.8:80"}]
    },
    "chat": {
      "check": {"type": "websocket", "uri": "/chat", "host": "chat.example", "headers": {"Origin": "https://chat.example"}},
      "servers": [{"name": "s1", "address": "10.0.0.9:80"}]
    },
    "hashed": {
      "balance": {"algorithm": "hash", "expression": "src"},
      "hash": {"type": "consistent", "function": "wt6", "modifier": "avalanche"}, "hash_balance_factor": 125,
      "source": {"transparent": "client"},
      "servers": [{"name": "s1", "address": "10.0.0.2:80"}]
    },
    "pg": {
      "check": {"type": "pgsql", "user": "checker", "database": "postgres"},
      "servers": [{"name": "s1", "address": "10.0.0.5:5432"}]
    },
    "mail": {
      "check": {"type": "esmtp", "domain": "lb.example"},
      "servers": [{"name": "s1", "address": "10.0.0.6:25"}]
    },
    "users": {
      "mode": "http", "balance": {"algorithm": "url_param", "param": "userid", "check_post": true},
      "servers": [{"name": "s1", "address": "10.0.0.7:80"}]
    },
    "hosts": {
      "mode": "http", "balance": {"algorithm": "hdr", "name": "Host", "use_domain_only": true},
      "servers": [{"name": "s1", "address": "10.0.0.7:80"}]
    },
    "site": {
      "mode": "http", "timeouts": {"tunnel": "1h"},
      "balance": {"algorithm": "uri", "len": 16, "depth": 2, "whole": true, "path_only": true},
      "http_connection": "keep-alive", "http_reuse": "always", "retry_on": ["conn-failure", "empty-response", "503"],
      "abort_on_close": false, "http_buffer_request": false, "forward_for": {"header": "X-For", "except": [], "if_none": false},
      "original_to": {"header": "X-Was-To", "except": [], "if_none": false},
      "forwarded": {"proto": true, "host": false, "for": true, "for_port": true, "by": true, "by_port": true},
      "forwarded_proto": true, "accept_invalid": "control_in_values", "error_files": {"502": "/etc/corelane/502.http"}, "errors": "pages",
      "acls": {"inner": "path_beg /inner"}, "http_request": [{"action": "del-header", "name": "X-B", "if": "inner"}],
      "http_response": [{"action": "deny", "if": "{ res.hdr(x-secret) -m found }"}],
      "http_after_response": [{"action": "allow", "if": "{ res.hdr(x-y) 1 }"}],
      "stick": [{"match": "req.hdr(x-key)", "table": "site", "unless": "inner"}, {"on": "src", "table": "app"},
                {"store_request": "path", "table": "site", "if": "inner"}, {"store_response": "res.cook(X)", "table": "site"}],
      "use_server": [{"server": "s1", "if": "inner"}, {"server": "s1", "unless": "inner"}], "force_persist": "inner { src 10.0.0.0/8 }", "ignore_persist": "inner",
      "cookie": {"name": "SERVERID", "mode": "insert", "indirect": true, "nocache": true, "postonly": true, "preserve": true,
                 "httponly": true, "secure": true, "domains": [".example.com"], "dynamic": true, "dynamic_key": "secret",
                 "max_idle": "30m", "max_life": "8h", "attributes": ["SameSite=Lax"]},
      "default_server": {"pool_max_connections": 100, "pool_purge_delay": "10s", "max_reuse": 1000},
      "servers": [{"name": "s1", "address": "10.0.0.7:80", "cookie": "s1", "pool_max_connections": 50, "pool_purge_delay": "2s",
                   "max_reuse": 10},
                  {"name": "s2", "address": "10.0.0.8:80"}]
    }
  },
  "errors": {"pages": {"files": {"503": "/etc/corelane/sorry.http", "504": "/etc/corelane/late.http"}},
             "plain": {"files": {"500": "/etc/corelane/500.http"}}}
}
)json";

std::string file_with(const Parts& parts) {
  return fmt::format(R"({{"global": {}, "defaults": {},
"frontends": {{"f": {{"bind": [{}], "default_backend": "b"{}}}}},
"backends": {{"b": {{"servers": [{{"name": "s", "address": "127.0.0.1:81"{}}}]{}}}}}}})",
                     parts.global, parts.defaults, parts.bind, parts.frontend, parts.server, parts.backend);
}

Model sound_model(std::string_view text) {
  LoadResult result = load(text, "f");
  for (const Diagnostic& diagnostic : result.diagnostics) FAIL_CHECK(diagnostic_text(diagnostic));
  REQUIRE(result.model);
  return *result.model;
}

std::string faults_of(std::string_view text) {
  std::string faults;
  for (const Diagnostic& diagnostic : load(text, "f").diagnostics)
    faults += diagnostic_text(diagnostic) + "\n";
  return faults;
}

}  // namespace corelane::config
