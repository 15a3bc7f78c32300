// SPDX-License-Identifier: Apache-2.0
#include "logfmt/json_log.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>

#include "base/append_format.hpp"
#include "base/civil_time.hpp"
#include "logfmt/error_name.hpp"
#include "logfmt/http_log_text.hpp"
#include "logfmt/log_line.hpp"

namespace corelane::logfmt {
namespace {

/// Length of the well-formed UTF-8 sequence that `text` begins with (no overlong form, no surrogate); 0 for
/// none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  const unsigned second_min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned second_max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < second_min || byte(1) > second_max) return 0;
  for (std::size_t index = 2; index < length; ++index)
    if ((byte(index) & 0xc0U) != 0x80) return 0;
  return length;
}

void append_escaped(fmt::memory_buffer& out, char character) {
  switch (character) {
    case '"':
      return append_text(out, "\\\"");
    case '\\':
      return append_text(out, "\\\\");
    case '\n':
      return append_text(out, "\\n");
    case '\r':
      return append_text(out, "\\r");
    case '\t':
      return append_text(out, "\\t");
    default:
      base::append_format(out, "\\u{:04x}", static_cast<unsigned>(character));
  }
}

/// Writes the members of one object: commas, quotes and nulls. Keys have nothing to escape.
class JsonMembers {
 public:
  explicit JsonMembers(fmt::memory_buffer& out) : out_(out) {}

  void text(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(out_, value);
  }
  void text_or_null(std::string_view key, std::string_view value) {
    if (value.empty()) return null(key);
    text(key, value);
  }
  void text_or_null(std::string_view key, std::optional<std::string_view> value) {
    if (!value) return null(key);
    text(key, *value);
  }
  template <std::integral Number>
  void number(std::string_view key, Number value) {
    begin(key);
    base::append_format(out_, "{}", value);
  }
  /// `fill` writes the members of an object of its own.
  template <std::invocable<JsonMembers&> Fill>
  void object(std::string_view key, Fill fill) {
    begin(key);
    out_.push_back('{');
    JsonMembers members(out_);
    fill(members);
    out_.push_back('}');
  }
  void milliseconds(std::string_view key, base::TimeUs span_us) {
    if (span_us < 0) return null(key);
    begin(key);
    base::append_format(out_, "{}.{:03}", span_us / 1000, span_us % 1000);
  }
  void boolean(std::string_view key, bool value) {
    begin(key);
    append_text(out_, value ? "true" : "false");
  }
  void null(std::string_view key) {
    begin(key);
    append_text(out_, "null");
  }
  void time(std::string_view key, const base::CivilTime& time) {
    begin(key);
    base::append_format(out_, "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\"", time.year, time.month,
                        time.day, time.hour, time.minute, time.second, time.millisecond());
  }

 private:
  void begin(std::string_view key) {
    append_text(out_, first_ ? "\"" : ",\"");
    first_ = false;
    append_text(out_, key);
    append_text(out_, "\":");
  }

  fmt::memory_buffer& out_;
  bool first_ = true;
};

void append_json_client(JsonMembers& members, const base::Endpoint& client) {
  members.text("client", base::endpoint_ip_text(client));
  const bool has_port = base::is_ip(client.family);
  if (has_port) return members.number("client_port", client.port);
  members.null("client_port");
}

void append_error(JsonMembers& members, std::int32_t error_number) {
  if (error_number == 0) {
    members.null("error");
    return members.null("error_number");
  }
  members.text_or_null("error", error_name(error_number));
  members.number("error_number", error_number);
}

void append_request_line(JsonMembers& members, std::optional<std::string_view> line, std::uint8_t version) {
  constexpr std::string_view version_text = " HTTP/1.x";
  std::optional<std::string_view> method, target;
  if (line) {
    method = line->substr(0, line->find(' '));
    target = line->substr(std::min(method->size() + 1, line->size()));
    // A line that was cut has lost its version.
    if (target->size() > version_text.size() && target->ends_with(version == 10 ? " HTTP/1.0" : " HTTP/1.1"))
      target->remove_suffix(version_text.size());
  }
  members.text_or_null("method", method);
  members.text_or_null("target", target);
  members.text_or_null("version", version == 10 ? "1.0" : version == 11 ? "1.1" : std::string_view{});
}

void append_captures(JsonMembers& members, std::string_view key, std::span<const std::string_view> names,
                     HttpLogTextReader& parts) {
  members.object(key, [&](JsonMembers& headers) {
    for (const std::string_view name : names) headers.text_or_null(name, parts.next());
  });
}

template <std::integral Number>
void append_number_or_null(JsonMembers& members, std::string_view key, Number value) {
  if (value < 0) return members.null(key);
  members.number(key, value);
}

void append_http(JsonMembers& members, const ConnectionRecord& record, std::string_view text,
                 const Names& names) {
  const HttpRecord& http = record.http;
  HttpLogTextReader parts(text);
  members.number("request_number", http.request_number);
  append_request_line(members, parts.next(), http.version);
  append_number_or_null(members, "status", http.status);
  members.milliseconds("handshake_ms", http.handshake_us);
  members.milliseconds("idle_ms", http.idle_us);
  members.milliseconds("request_ms", http.request_us);
  members.milliseconds("response_ms", http.response_us);
  members.milliseconds("active_ms", http_active_us(record));
  append_number_or_null(members, "refusal_position", http.refusal_position);
  members.boolean("server_connection_reused", http.server_connection_reused);
  members.boolean("before_end", http.before_end);
  append_captures(members, "request_headers", names.request_captures(record.frontend), parts);
  members.text_or_null("request_cookie", parts.next());
  append_captures(members, "response_headers", names.response_captures(record.frontend), parts);
  members.text_or_null("response_cookie", parts.next());
}

void append_tls(JsonMembers& members, const ConnectionRecord& record) {
  members.text_or_null("version", record.tls_version);
  members.text_or_null("cipher", record.tls_cipher);
}

void append_termination(JsonMembers& members, const ConnectionRecord& record) {
  const std::array<char, 4> letters = http_termination_letters(record);
  members.text("end_reason", end_reason_row(record.reason).name);
  members.text("end_phase", end_phase_name(record.phase));
  members.text("termination_state", {letters.data(), record.is_http ? letters.size() : 2});
}

}  // namespace

void append_json_string(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const char first = text.front();
    const bool is_control = static_cast<unsigned char>(first) < 0x20 || first == 0x7f;
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      append_text(out, "\xef\xbf\xbd");
    } else if (is_control || first == '"' || first == '\\') {
      append_escaped(out, first);
    } else {
      append_text(out, text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out.push_back('"');
}

void append_json_log(fmt::memory_buffer& out, const ConnectionRecord& record, std::string_view text,
                     const Names& names) {
  JsonMembers members(out);
  out.push_back('{');
  members.time("time", base::civil_time(record.accept_wall_us + http_waited_us(record), 0));
  members.text_or_null("frontend", names.frontend(record.frontend));
  members.text_or_null("bind", names.bind(record.frontend, record.bind));
  members.text_or_null("backend", names.backend(record.backend));
  members.text_or_null("server", names.server(record.backend, record.server));
  append_json_client(members, record.client);
  members.milliseconds("queue_ms", record.queue_us);
  members.milliseconds("connect_ms", record.connect_us);
  members.milliseconds("total_ms", record.total_us);
  members.number("bytes_to_server", record.bytes_to_server);
  members.number("bytes_to_client", record.bytes_to_client);
  members.number("connections_process", record.connections_process);
  members.number("connections_frontend", record.connections_frontend);
  members.number("connections_backend", record.connections_backend);
  members.number("connections_server", record.connections_server);
  members.number("retries", record.retries);
  members.number("queue_server", record.queue_server);
  members.number("queue_backend", record.queue_backend);
  members.boolean("redispatched", record.redispatched);
  append_termination(members, record);
  append_error(members, record.error_number);
  members.text_or_null("detail", record.detail);
  members.number("lane", record.lane);
  if (record.with_tls) {
    members.object("tls", [&](JsonMembers& tls) { append_tls(tls, record); });
  } else {
    members.null("tls");
  }
  if (record.is_http) {
    members.object("http", [&](JsonMembers& http) { append_http(http, record, text, names); });
  } else {
    members.null("http");
  }
  out.push_back('}');
}

}  // namespace corelane::logfmt
