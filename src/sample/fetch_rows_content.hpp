// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/functions.hpp"

/// Samples of the bytes that a connection begins with.
namespace corelane::sample {

constexpr FetchRow content_row(std::string_view name, Type output, FetchFunction* fetch,
                               std::string_view help) {
  return {.name = name, .output = output, .needs = need_content, .fetch = fetch, .help = help};
}

/// The same of another's bytes than the client's.
constexpr FetchRow of(Need bytes, FetchRow row) {
  row.needs = bytes;
  return row;
}

constexpr FetchRow payload_row(std::string_view name, std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::integer, ArgumentKind::integer},
          .arguments_min = 2,
          .output = Type::binary,
          .needs = need_content,
          .fetch = fetch_payload,
          .help = help};
}

constexpr FetchRow payload_lv_row(std::string_view name, std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::integer, ArgumentKind::integer, ArgumentKind::offset},
          .arguments_min = 2,
          .output = Type::binary,
          .needs = need_content,
          .fetch = fetch_payload_lv,
          .help = help};
}

constexpr FetchRow version_row(std::string_view name, std::string_view help) {
  FetchRow row = content_row(name, Type::sint, fetch_ssl_ver, help);
  row.makes_version = true;
  return row;
}

constexpr FetchRow rdp_row(std::string_view name, Type output, FetchFunction* fetch, std::string_view help) {
  return {.name = name,
          .arguments = {ArgumentKind::text},
          .output = output,
          .needs = need_content,
          .fetch = fetch,
          .help = help};
}

inline constexpr FetchRow content_rows[] = {
    rdp_row(
        "req.rdp_cookie", Type::string, fetch_rdp_cookie,
        "The cookie that a client of the Remote Desktop Protocol begins with, such as `mstshash`; any one "
        "without a name."),
    rdp_row("rdp_cookie", Type::string, fetch_rdp_cookie, "The same as req.rdp_cookie."),
    rdp_row("req.rdp_cookie_cnt", Type::sint, fetch_rdp_cookie_count,
            "1 where there is such a cookie, else 0."),
    rdp_row("rdp_cookie_cnt", Type::sint, fetch_rdp_cookie_count, "The same as req.rdp_cookie_cnt."),
    of(need_either_content,
       content_row(
           "wait_end", Type::boolean, fetch_wait_end,
           "True as soon as no more bytes are waited for: `inspect_delay` is over, who speaks has ended, "
           "or the buffer is full. What comes behind it in a condition waits for that. In mode http always "
           "true.")),
    content_row("req.len", Type::sint, fetch_len,
                "How many bytes of the connection have come; in mode http the size of the request's head."),
    content_row("req_len", Type::sint, fetch_len, "The same as req.len."),
    payload_row("req.payload",
                "So many bytes as the second argument says from the first one on, or all that "
                "there are from there on where it is 0."),
    of(need_either_content,
       payload_row("payload", "The same as req.payload; in rules about a server's bytes as res.payload.")),
    payload_lv_row("req.payload_lv",
                   "The bytes whose number stands at the first argument, in so many bytes as the second one "
                   "says; they follow it, or stand at the third one, which is relative with + or -."),
    of(need_either_content,
       payload_lv_row("payload_lv",
                      "The same as req.payload_lv; in rules about a server's bytes as res.payload_lv.")),
    content_row("req.proto_http", Type::boolean, fetch_proto_http,
                "True where the connection begins with the head of an HTTP request."),
    content_row("req_proto_http", Type::boolean, fetch_proto_http, "The same as req.proto_http."),
    content_row("req.ssl_hello_type", Type::sint, fetch_ssl_hello_type,
                "The type of the TLS handshake message that the connection begins with: 1 is a client's "
                "hello."),
    content_row("req_ssl_hello_type", Type::sint, fetch_ssl_hello_type, "The same as req.ssl_hello_type."),
    content_row("req.ssl_sni", Type::string, fetch_ssl_sni,
                "The name of the server that a TLS client wants to speak to (SNI)."),
    content_row("req_ssl_sni", Type::string, fetch_ssl_sni, "The same as req.ssl_sni."),
    version_row("req.ssl_ver",
                "The highest version that a TLS client offers; patterns may be written as "
                "`3.1` (TLS 1.0) to `3.4` (TLS 1.3). HAProxy 2.6 never says more than 3.3."),
    version_row("req_ssl_ver", "The same as req.ssl_ver."),
    content_row("req.ssl_alpn", Type::string, fetch_ssl_alpn,
                "A protocol that a TLS client offers (ALPN). A condition looks at each, elsewhere the first "
                "one counts."),
    content_row("req.ssl_st_ext", Type::sint, fetch_ssl_st_ext,
                "0 where a TLS client knows no session tickets, 1 where it knows them, 2 where it has one."),
    content_row("req.ssl_ec_ext", Type::boolean, fetch_ssl_ec_ext,
                "Whether a TLS client says which elliptic curves it supports."),

    of(need_server_content,
       content_row("res.len", Type::sint, fetch_len, "How many bytes of the server have come.")),
    of(need_server_content, payload_row("res.payload", "The same as req.payload of the server's bytes.")),
    of(need_server_content,
       payload_lv_row("res.payload_lv", "The same as req.payload_lv of the server's bytes.")),
    of(need_server_content,
       content_row("res.ssl_hello_type", Type::sint, fetch_ssl_hello_type,
                   "The type of the TLS handshake message that the server begins with: 2 is its hello.")),
    of(need_server_content, content_row("rep_ssl_hello_type", Type::sint, fetch_ssl_hello_type,
                                        "The same as res.ssl_hello_type.")),
};

}  // namespace corelane::sample
