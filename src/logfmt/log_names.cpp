// SPDX-License-Identifier: Apache-2.0
// What %NAME stands for in a log line: one row each. Dates and timers are in log_names_time.cpp.
#include <algorithm>

#include "base/append_format.hpp"
#include "logfmt/log_line.hpp"

namespace corelane::logfmt {
namespace {

using Flags = sample::FormatFlags;
using Out = fmt::memory_buffer;

// HAProxy's maps of what is encoded, beside what is not printable.
constexpr std::string_view special_in_requests = "\"#";
constexpr std::string_view special_in_captures = "\"#{|}";
constexpr std::string_view bad_request = "<BADREQ>";

template <class Number>
void append_number(Out& out, Number number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.data() + digits.size());
}

void append_number(Out& out, std::uint64_t number, const Flags& flags) {
  HexText memory;
  if (flags.hexadecimal) return append_text(out, hexadecimal_text(number, memory));
  append_number(out, number);
}

template <auto member>
void append_member(const LogLine& line, const Flags&, Out& out) {
  append_number(out, line.record.*member);
}

// --- who and where

void append_client_ip(const LogLine& line, const Flags& flags, Out& out) {
  const base::Endpoint& client = line.record.client;
  if (flags.hexadecimal && base::is_ip(client.family)) {
    HexText text;
    append_text(out, hexadecimal_text(client, text));
    return;
  }
  base::IpText memory;
  append_log_text(out, base::endpoint_ip_text(client, memory), flags);
}

void append_client_port(const LogLine& line, const Flags& flags, Out& out) {
  const ConnectionRecord& record = line.record;
  // As HAProxy: the number of the listener, from 1, stands in for the port of a UNIX socket.
  const std::uint32_t listener = record.bind == no_index ? 0 : record.bind + 1;
  append_number(
      out, record.client.family == base::Family::unix_socket ? listener : std::uint32_t{record.client.port},
      flags);
}

void append_frontend(const LogLine& line, const Flags& flags, Out& out) {
  append_log_text(out, line.names.frontend(line.record.frontend), flags);
}

// As HAProxy: a tilde says that the client spoke TLS.
void append_frontend_transport(const LogLine& line, const Flags& flags, Out& out) {
  append_log_text(out, line.names.frontend(line.record.frontend), flags);
  if (!line.record.with_tls) return;
  if (flags.quote) out.resize(out.size() - 1);
  append_text(out, flags.quote ? "~\"" : "~");
}

void append_tls_version(const LogLine& line, const Flags& flags, Out& out) {
  append_log_text(out, line.record.tls_version, flags);
}

void append_tls_cipher(const LogLine& line, const Flags& flags, Out& out) {
  append_log_text(out, line.record.tls_cipher, flags);
}

// The frontend stands in for a backend that was not chosen.
void append_backend(const LogLine& line, const Flags& flags, Out& out) {
  const std::string_view name = line.names.backend(line.record.backend);
  append_log_text(out, name.empty() ? line.names.frontend(line.record.frontend) : name, flags);
}

void append_server(const LogLine& line, const Flags& flags, Out& out) {
  const std::string_view name = line.names.server(line.record.backend, line.record.server);
  append_log_text(out, name.empty() ? "<NOSRV>" : name, flags);
}

void append_hostname(const LogLine& line, const Flags& flags, Out& out) {
  append_log_text(out, line.process.hostname, flags);
}

void append_pid(const LogLine& line, const Flags& flags, Out& out) {
  append_number(out, static_cast<std::uint64_t>(line.process.pid), flags);
}

void append_line_number(const LogLine& line, const Flags& flags, Out& out) {
  append_number(out, line.number, flags);
}

// --- how it ended

void append_status(const LogLine& line, const Flags&, Out& out) {
  append_number(out, line.record.is_http ? int{line.record.http.status} : 0);
}

void append_bytes(const LogLine& line, const Flags&, Out& out) {
  if (line.record.http.before_end) out.push_back('+');
  append_number(out, line.record.bytes_to_client);
}

void append_retries(const LogLine& line, const Flags&, Out& out) {
  if (line.record.redispatched) out.push_back('+');
  append_number(out, line.record.retries);
}

void append_state(const LogLine& line, const Flags&, Out& out) {
  const std::array<char, 2> letters = termination_letters(line.record.reason, line.record.phase);
  append_text(out, {letters.data(), letters.size()});
}

void append_state_with_cookies(const LogLine& line, const Flags&, Out& out) {
  const std::array<char, 4> letters = http_termination_letters(line.record);
  append_text(out, {letters.data(), letters.size()});
}

// --- the request

void append_request_part(Out& out, std::optional<std::string_view> part, const Flags& flags) {
  if (flags.quote) out.push_back('"');
  append_encoded(out, part.value_or(bad_request), special_in_requests, flags);
  if (flags.quote) out.push_back('"');
}

void append_request_line(const LogLine& line, const Flags& flags, Out& out) {
  append_request_part(out, line.parts.request_line, flags);
}

struct RequestLine {
  std::optional<std::string_view> method, target, version;
};

// A line that was cut has lost its version.
RequestLine split(std::optional<std::string_view> line) {
  RequestLine parts;
  if (!line) return parts;
  const std::size_t first = line->find(' ');
  parts.method = line->substr(0, first);
  if (first == std::string_view::npos) return parts;
  const std::size_t last = line->rfind(' ');
  const bool whole = last != first && line->substr(last + 1).starts_with("HTTP/");
  parts.target = line->substr(first + 1, whole ? last - first - 1 : std::string_view::npos);
  if (whole) parts.version = line->substr(last + 1);
  return parts;
}

std::string_view before_query(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// Behind scheme and authority.
std::string_view path_of(std::string_view target) {
  if (target.starts_with('/') || target == "*") return target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t slash = target.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view{} : target.substr(slash);
}

void append_method(const LogLine& line, const Flags& flags, Out& out) {
  append_request_part(out, split(line.parts.request_line).method, flags);
}

void append_target(const LogLine& line, const Flags& flags, Out& out) {
  append_request_part(out, split(line.parts.request_line).target, flags);
}

void append_target_without_query(const LogLine& line, const Flags& flags, Out& out) {
  std::optional<std::string_view> target = split(line.parts.request_line).target;
  if (target) target = before_query(*target);
  append_request_part(out, target, flags);
}

void append_path(const LogLine& line, const Flags& flags, Out& out) {
  std::optional<std::string_view> target = split(line.parts.request_line).target;
  if (target) target = path_of(before_query(*target));
  append_request_part(out, target, flags);
}

void append_query(const LogLine& line, const Flags& flags, Out& out) {
  std::optional<std::string_view> target = split(line.parts.request_line).target;
  if (target) target = target->substr(before_query(*target).size());
  append_request_part(out, target, flags);
}

void append_version(const LogLine& line, const Flags& flags, Out& out) {
  append_request_part(out, split(line.parts.request_line).version, flags);
}

// --- captures

void append_client_cookie(const LogLine& line, const Flags& flags, Out& out) {
  append_log_text(out, line.parts.client_cookie, flags);
}

void append_server_cookie(const LogLine& line, const Flags& flags, Out& out) {
  append_log_text(out, line.parts.server_cookie, flags);
}

// {one|two}: nothing at all when nothing is captured.
void append_in_braces(Out& out, HttpLogTextReader parts, std::size_t count, const Flags& flags) {
  if (count == 0) return;
  append_text(out, flags.quote ? "\"{" : "{");
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out.push_back('|');
    append_encoded(out, parts.next().value_or(std::string_view{}), special_in_captures, flags);
  }
  append_text(out, flags.quote ? "}\"" : "}");
}

void append_as_list(Out& out, HttpLogTextReader parts, std::size_t count, const Flags& flags) {
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out.push_back(' ');
    const std::optional<std::string_view> part = parts.next();
    if (!part) {
      append_log_text(out, part, flags);
      continue;
    }
    if (flags.quote) out.push_back('"');
    append_encoded(out, *part, special_in_captures, flags);
    if (flags.quote) out.push_back('"');
  }
}

void append_request_captures(const LogLine& line, const Flags& flags, Out& out) {
  append_in_braces(out, line.parts.request_headers, line.parts.request_captures, flags);
}

void append_response_captures(const LogLine& line, const Flags& flags, Out& out) {
  append_in_braces(out, line.parts.response_headers, line.parts.response_captures, flags);
}

void append_request_capture_list(const LogLine& line, const Flags& flags, Out& out) {
  append_as_list(out, line.parts.request_headers, line.parts.request_captures, flags);
}

void append_response_capture_list(const LogLine& line, const Flags& flags, Out& out) {
  append_as_list(out, line.parts.response_headers, line.parts.response_captures, flags);
}

using Record = ConnectionRecord;

constexpr LogName rows[] = {
    {"B", append_bytes, {}, false, "Bytes sent to the client; `+`: more will follow."},
    {"CC", append_client_cookie, {}, true, "The captured cookie of the request."},
    {"CS", append_server_cookie, {}, true, "The captured cookie of the response."},
    {"H", append_hostname, {}, false, "The machine's name."},
    {"HM", append_method, {}, true, "The request's method."},
    {"HP", append_target_without_query, {}, true, "Its target without the query."},
    {"HPO", append_path, {}, true, "Its path alone."},
    {"HQ", append_query, {}, true, "Its query, with the question mark."},
    {"HU", append_target, {}, true, "Its target."},
    {"HV", append_version, {}, true, "Its version: HTTP/1.1."},
    {"ID", nullptr, "unique-id", false, "What unique_id_format has made of it."},
    {"ST", append_status, {}, false, "The status that the client was sent."},
    {"U", append_member<&Record::bytes_to_server>, {}, false, "Bytes received from the client."},
    {"ac", append_member<&Record::connections_process>, {}, false, "Connections of the process."},
    {"b", append_backend, {}, false, "The backend."},
    {"bc", append_member<&Record::connections_backend>, {}, false, "Connections of the backend."},
    {"bi", nullptr, "bc_src", false, "Where the server's connection came from: the address."},
    {"bp", nullptr, "bc_src_port", false, "The same: the port."},
    {"bq", append_member<&Record::queue_backend>, {}, false, "How many waited before it for the backend."},
    {"ci", append_client_ip, {}, false, "The client's address."},
    {"cp", append_client_port, {}, false, "The client's port."},
    {"f", append_frontend, {}, false, "The frontend."},
    {"fc", append_member<&Record::connections_frontend>, {}, false, "Connections of the frontend."},
    {"fi", nullptr, "dst", false, "The address that the client connected to."},
    {"fp", nullptr, "dst_port", false, "The port that the client connected to."},
    {"ft", append_frontend_transport, {}, false, "The frontend; `~`: the client spoke TLS."},
    {"hr", append_request_captures, {}, false, "Captured fields of the request: {one|two}."},
    {"hrl", append_request_capture_list, {}, false, "The same, with blanks between."},
    {"hs", append_response_captures, {}, false, "Captured fields of the response: {one|two}."},
    {"hsl", append_response_capture_list, {}, false, "The same, with blanks between."},
    {"lc", append_line_number, {}, false, "How many lines the frontend has written before."},
    {"pid", append_pid, {}, false, "The process's number."},
    {"r", append_request_line, {}, true, "The request line."},
    {"rc", append_retries, {}, false, "How often connecting was tried again; `+`: with another server."},
    {"rt", nullptr, "txn.id32", false, "A number that no other request of the process has."},
    {"s", append_server, {}, false, "The server."},
    {"sc", append_member<&Record::connections_server>, {}, false, "Connections of the server."},
    {"si", nullptr, "bc_dst", false, "The server's address."},
    {"sp", nullptr, "bc_dst_port", false, "The server's port."},
    {"sq", append_member<&Record::queue_server>, {}, false, "How many waited before it for the server."},
    {"sslc", append_tls_cipher, {}, false, "The client's cipher: TLS_AES_128_GCM_SHA256."},
    {"sslv", append_tls_version, {}, false, "The client's version of TLS: TLSv1.3."},
    {"ts", append_state, {}, false, "How it ended, in two letters."},
    {"tsc", append_state_with_cookies, {}, true, "The same, and what became of persistence cookies."},
};

}  // namespace

HttpLogParts::HttpLogParts(const ConnectionRecord& record, std::string_view text, const Names& names) {
  if (record.is_http ? record.http.request_us < 0 : text.empty()) return;
  request_captures = names.request_captures(record.frontend).size();
  response_captures = names.response_captures(record.frontend).size();
  HttpLogTextReader reader(text);
  const auto skip = [&reader](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) reader.next();
  };
  request_line = reader.next();
  request_headers = reader;
  skip(request_captures);
  client_cookie = reader.next();
  response_headers = reader;
  skip(response_captures);
  server_cookie = reader.next();
}

std::span<const LogName> log_names() noexcept {
  return rows;
}

const LogName* find_log_name(std::string_view name) noexcept {
  for (const std::span<const LogName> table : {log_names(), log_names_of_time()}) {
    const auto found = std::ranges::find(table, name, &LogName::name);
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

std::array<char, 4> http_termination_letters(const ConnectionRecord& record) {
  const std::array<char, 2> letters = termination_letters(record.reason, record.phase);
  return {letters[0], letters[1], static_cast<char>(record.http.client_cookie),
          static_cast<char>(record.http.server_cookie)};
}

}  // namespace corelane::logfmt
