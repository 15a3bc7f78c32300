// SPDX-License-Identifier: Apache-2.0
#include "logfmt/http_log.hpp"

#include <optional>

#include "base/append_format.hpp"
#include "logfmt/http_log_text.hpp"
#include "logfmt/line_parts.hpp"

namespace corelane::logfmt {
namespace {

bool is_printable(char character) {
  return character >= ' ' && character <= '~';
}

/// What is not printable, and each of `special`, becomes #XX.
void append_encoded(fmt::memory_buffer& out, std::string_view text, std::string_view special) {
  for (const char character : text) {
    if (is_printable(character) && special.find(character) == std::string_view::npos) {
      out.push_back(character);
    } else {
      base::append_format(out, "#{:02X}", static_cast<unsigned char>(character));
    }
  }
}

/// The moments of one exchange, each rounded to a millisecond, so that the spans between them add up.
class Moments {
 public:
  void append_span(fmt::memory_buffer& out, base::TimeUs span_us) {
    if (span_us < 0) return append_text(out, "-1/");
    const base::TimeUs end_us = at_us_ + span_us;
    base::append_format(out, "{}/", base::us_to_ms(end_us) - base::us_to_ms(at_us_));
    at_us_ = end_us;
  }

 private:
  base::TimeUs at_us_ = 0;  // since the request began
};

void append_timers(fmt::memory_buffer& out, const ConnectionRecord& record, const char* more) {
  Moments moments;
  moments.append_span(out, record.http.request_us);
  moments.append_span(out, record.queue_us);
  moments.append_span(out, record.connect_us);
  moments.append_span(out, record.http.response_us);
  base::append_format(out, "{}{}", more, base::us_to_ms(http_active_us(record)));
}

/// As it came, for HAProxy does not encode cookies; but nothing in it can break the line.
void append_cookie(fmt::memory_buffer& out, std::optional<std::string_view> cookie) {
  out.push_back(' ');
  if (!cookie) return out.push_back('-');
  for (const char character : *cookie) {
    const bool is_control = static_cast<unsigned char>(character) < ' ' || character == 0x7f;
    if (is_control) {
      append_encoded(out, {&character, 1}, {});
    } else {
      out.push_back(character);
    }
  }
}

/// Reads the captures of one side where the braces are to be, which are missing when nothing is captured.
void append_captures(fmt::memory_buffer& out, HttpLogTextReader& reader, std::size_t count) {
  if (count == 0) return;
  append_text(out, " {");
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out.push_back('|');
    append_encoded(out, reader.next().value_or(std::string_view{}), "\"#{|}");
  }
  out.push_back('}');
}

void skip(HttpLogTextReader& reader, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) reader.next();
}

}  // namespace

std::array<char, 4> http_termination_letters(const ConnectionRecord& record) {
  const std::array<char, 2> letters = termination_letters(record.reason, record.phase);
  return {letters[0], letters[1], static_cast<char>(record.http.client_cookie),
          static_cast<char>(record.http.server_cookie)};
}

void append_http_log(fmt::memory_buffer& out, const ConnectionRecord& record, std::string_view text,
                     const Names& names, std::int32_t utc_offset_s) {
  // A request that was refused while it was read has no line and no captures, not even empty ones.
  const bool has_head = record.http.request_us >= 0;
  const std::size_t request_captures = has_head ? names.request_captures(record.frontend).size() : 0;
  const std::size_t response_captures = has_head ? names.response_captures(record.frontend).size() : 0;
  const char* const more = record.http.before_end ? "+" : "";
  HttpLogTextReader parts(has_head ? text : std::string_view{});
  const std::optional<std::string_view> request_line = parts.next();
  HttpLogTextReader request_parts = parts;
  skip(parts, request_captures);
  const std::optional<std::string_view> client_cookie = parts.next();
  HttpLogTextReader response_parts = parts;
  skip(parts, response_captures);
  const std::optional<std::string_view> server_cookie = parts.next();

  append_client(out, record);
  out.push_back(' ');
  append_date(out, record.accept_wall_us + http_waited_us(record), utc_offset_s);
  out.push_back(' ');
  append_names(out, record, names);
  out.push_back(' ');
  append_timers(out, record, more);
  base::append_format(out, " {} {}{}", record.http.status, more, record.bytes_to_client);
  append_cookie(out, client_cookie);
  append_cookie(out, server_cookie);
  const std::array<char, 4> letters = http_termination_letters(record);
  base::append_format(out, " {} ", std::string_view(letters.data(), letters.size()));
  append_counts(out, record);
  append_captures(out, request_parts, request_captures);
  append_captures(out, response_parts, response_captures);
  append_text(out, " \"");
  append_encoded(out, request_line.value_or("<BADREQ>"), "\"#");
  out.push_back('"');
}

}  // namespace corelane::logfmt
