// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

/// The rows of http mode that frontends, backends and the defaults share. Their members are in an object's
/// `http`; the keys stand beside the others.
namespace corelane::config::row {

template <class Owner>
bool is_http(const void* object) {
  return static_cast<const Owner*>(object)->mode == Mode::http;
}

/// The defaults may say what only some of those that take it over can use.
template <>
inline bool is_http<Defaults>(const void*) {
  return true;
}

template <class Owner>
inline constexpr Condition http_only{"mode", is_http<Owner>, "the mode is http"};

template <class Owner>
constexpr Field in_http_mode(const Field& field) {
  return std::is_same_v<Owner, Defaults> ? field : field.only_if(http_only<Owner>);
}

template <class Owner, auto Member>
void* http_access(void* object) {
  return &(static_cast<Owner*>(object)->http.*Member);
}

/// A key with one value.
template <class Owner, auto Member>
constexpr Field http_value(std::string_view key, TypeFor<typename MemberOf<decltype(Member)>::Type> type,
                           std::string_view default_text, std::string_view help, Words words = nullptr) {
  Field field = value<Member>(key, type, default_text, help, {}, words);
  field.member = &http_access<Owner, Member>;
  return in_http_mode<Owner>(field);
}

/// A key with an object that is there only where it is given.
template <class Owner, auto Member>
constexpr Field http_optional(std::string_view key, const Section& section, std::string_view help) {
  Field field;
  field.key = key;
  field.help = help;
  field.member = [](void* object) -> void* { return &*(static_cast<Owner*>(object)->http.*Member); };
  field.section = &section;
  field.optional = {
      [](void* object) -> void* { return &(static_cast<Owner*>(object)->http.*Member).emplace(); },
      [](const void* object) { return (static_cast<const Owner*>(object)->http.*Member).has_value(); },
      [](void* object) { (static_cast<Owner*>(object)->http.*Member).reset(); }};
  return in_http_mode<Owner>(field);
}

// --- frontends and backends

template <class Owner>
constexpr Field forward_for() {
  return http_optional<Owner, &HttpShared::forward_for>(
             "forward_for", forward_for_section,
             "Tells servers the client's address in a field X-Forwarded-For: true, false, or an object with "
             "its options.")
      .with_note("false");
}

template <class Owner>
constexpr Field original_to() {
  return http_optional<Owner, &HttpShared::original_to>(
             "original_to", original_to_section,
             "Tells servers the address that the client connected to in a field X-Original-To: true, false, "
             "or an object with its options.")
      .with_note("false");
}

template <class Owner>
constexpr Field forwarded() {
  return http_optional<Owner, &HttpShared::forwarded>("forwarded", forwarded_section,
                                                      "Tells servers of the client's connection in a field "
                                                      "Forwarded (RFC 7239), behind those that the "
                                                      "request has: true, false, or an object that says what "
                                                      "is told. One field tells what the frontend "
                                                      "and the backend want.")
      .with_note("false");
}

template <class Owner>
constexpr Field forwarded_proto() {
  return http_value<Owner, &HttpShared::forwarded_proto>(
      "forwarded_proto", as_boolean, "false",
      "Tells servers in a field X-Forwarded-Proto, which replaces those that the request has, whether the "
      "client speaks http or https.");
}

template <class Owner>
constexpr Field accept_invalid() {
  return http_value<Owner, &HttpShared::accept_invalid>(
             "accept_invalid", as_accept_invalid, "",
             "Faults that are let through for old peers' sake: in requests by a frontend, in responses by a "
             "backend. control_in_values: control characters in the values of fields, except NUL, CR and LF; "
             "characters_in_names: any visible ASCII character in the names of fields, except the colon; "
             "characters_in_target: unencoded quotes, angle brackets and bytes above 0x7f in a request's "
             "target; percent_in_path: a percent sign in its path that two hexadecimal digits do not follow; "
             "fragment_in_target: a fragment; short_status_line: a response without the space before the "
             "reason. What frames a message is never let through.",
             accept_invalid_words)
      .with_note("none");
}

template <class Owner>
constexpr Field http_connection() {
  return http_value<Owner, &HttpShared::http_connection>(
      "http_connection", as_word<HttpConnection>(), "keep-alive",
      "What becomes of connections after a response. keep-alive: both may serve further requests; "
      "server-close: only the client's; close: none. Of a frontend's and its backend's the stricter holds.",
      http_connection_words);
}

template <class Owner>
constexpr Field error_files() {
  return http_value<Owner, &HttpShared::error_files>(
             "error_files", as_error_files, "",
             "Files with whole responses, head included, that replace the built-in error pages. A backend's "
             "pages go before its frontend's. An empty file closes the connection without a word.")
      .with_note("none");
}

template <class Owner>
constexpr Field errors() {
  return http_value<Owner, &HttpShared::errors>(
             "errors", as_error_group_reference, "",
             "A group of error files, for statuses that error_files does not have.")
      .with_note("none");
}

template <class Owner>
constexpr Field http_buffer_request() {
  return http_value<Owner, &HttpShared::buffer_request>(
      "http_buffer_request", as_boolean, "false",
      "Looks at the rules of http_request, and chooses a server, when a request's whole body is there, or as "
      "much of it as is kept. The time-out http_request then holds for the body too.");
}

// --- frontends

template <class Owner>
constexpr Field log_as_soon_as_possible() {
  return http_value<Owner, &HttpLogging::log_as_soon_as_possible>(
      "log_as_soon_as_possible", as_boolean, "false",
      "Writes the log line when the response's head has come; time and bytes then have a + in front.");
}

template <class Owner>
constexpr Field dont_log_normal() {
  return http_value<Owner, &HttpLogging::dont_log_normal>(
      "dont_log_normal", as_boolean, "false",
      "Writes log lines only of requests that failed, were retried or went to another server.");
}

template <class Owner>
constexpr Field log_separate_errors() {
  return http_value<Owner, &HttpLogging::log_separate_errors>(
      "log_separate_errors", as_boolean, "false",
      "Gives log lines of requests that failed syslog's level err instead of info.");
}

// --- backends

template <class Owner>
constexpr Field http_reuse() {
  return http_value<Owner, &HttpForwarding::http_reuse>(
      "http_reuse", as_word<HttpReuse>(), "safe",
      "Which requests may go over an idle connection that another client's request has opened. never: none; "
      "safe: all but the first one of a client's connection; aggressive: the first one too, on connections "
      "that were reused before; always: all.",
      http_reuse_words);
}

template <class Owner>
constexpr Field retry_on() {
  return http_value<Owner, &HttpForwarding::retry_on>(
      "retry_on", as_retry_on, "conn-failure",
      "What makes a request try again, at most retries times, while nothing of a response has gone to the "
      "client: a word, a list of words and statuses, or none. All but conn-failure may make a server see a "
      "request twice.",
      retry_on_words);
}

template <class Owner>
constexpr Field abort_on_close() {
  return http_value<Owner, &HttpForwarding::abort_on_close>(
      "abort_on_close", as_boolean, "false",
      "Gives a request up when its client closes before the response begins, even only its sending half.");
}

inline constexpr Field time_out_http_request =
    value<&Timeouts::http_request_ms>("http_request", as_duration, "",
                                      "How long a client may take for a request's whole head, from its first "
                                      "byte or, for the first request, "
                                      "from the connection's beginning. Mode http.",
                                      {1, time_out_bounds.max})
        .with_note("client");
inline constexpr Field time_out_tarpit =
    value<&Timeouts::tarpit_ms>("tarpit", as_duration, "",
                                "How long the rule `tarpit` holds a request. Mode http.",
                                {1, time_out_bounds.max})
        .with_note("connect");
inline constexpr Field time_out_http_keep_alive =
    value<&Timeouts::http_keep_alive_ms>("http_keep_alive", as_duration, "",
                                         "How long a client may wait between two requests. Mode http.",
                                         {1, time_out_bounds.max})
        .with_note("http_request");
inline constexpr Field time_out_tunnel =
    value<&Timeouts::tunnel_ms>("tunnel", as_duration, "",
                                "Replaces client and server once a connection has become a tunnel: after an "
                                "upgrade as to a websocket, or CONNECT. Mode http.",
                                {1, time_out_bounds.max})
        .with_note("client and server");

}  // namespace corelane::config::row
