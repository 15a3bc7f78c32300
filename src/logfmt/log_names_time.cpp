// SPDX-License-Identifier: Apache-2.0
// Dates and timers of log lines.
#include <cstdlib>

#include "base/append_format.hpp"
#include "base/civil_time.hpp"
#include "logfmt/log_line.hpp"

namespace corelane::logfmt {
namespace {

using Flags = sample::FormatFlags;
using Out = fmt::memory_buffer;

constexpr std::int64_t us_per_s = 1'000'000;

// --- dates

std::int64_t request_wall_us(const LogLine& line) {
  return line.record.accept_wall_us + http_waited_us(line.record);
}

void append_day_and_time(Out& out, const base::CivilTime& time) {
  base::append_format(out, "{:02}/{}/{:04}:{:02}:{:02}:{:02}", time.day, base::month_abbreviation(time.month),
                      time.year, time.hour, time.minute, time.second);
}

// 06/Feb/2009:12:14:14.655
void append_with_milliseconds(Out& out, std::int64_t wall_us, std::int32_t utc_offset_s) {
  const base::CivilTime time = base::civil_time(wall_us, utc_offset_s);
  append_day_and_time(out, time);
  base::append_format(out, ".{:03}", time.millisecond());
}

// 06/Feb/2009:12:14:14 +0100
void append_with_zone(Out& out, std::int64_t wall_us, std::int32_t utc_offset_s) {
  append_day_and_time(out, base::civil_time(wall_us, utc_offset_s));
  const std::int32_t minutes = std::abs(utc_offset_s) / 60;
  base::append_format(out, " {}{:02}{:02}", utc_offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

void append_accepted(const LogLine& line, const Flags&, Out& out) {
  append_with_milliseconds(out, line.record.accept_wall_us, line.process.utc_offset_s);
}
void append_accepted_utc(const LogLine& line, const Flags&, Out& out) {
  append_with_zone(out, line.record.accept_wall_us, 0);
}
void append_accepted_local(const LogLine& line, const Flags&, Out& out) {
  append_with_zone(out, line.record.accept_wall_us, line.process.utc_offset_s);
}
void append_request(const LogLine& line, const Flags&, Out& out) {
  append_with_milliseconds(out, request_wall_us(line), line.process.utc_offset_s);
}
void append_request_utc(const LogLine& line, const Flags&, Out& out) {
  append_with_zone(out, request_wall_us(line), 0);
}
void append_request_local(const LogLine& line, const Flags&, Out& out) {
  append_with_zone(out, request_wall_us(line), line.process.utc_offset_s);
}

void append_timestamp(const LogLine& line, const Flags& flags, Out& out) {
  const std::int64_t seconds = line.record.accept_wall_us / us_per_s;
  HexText memory;
  if (flags.hexadecimal)
    return append_text(out, hexadecimal_text(static_cast<std::uint64_t>(seconds), memory));
  base::append_format(out, "{}", seconds);
}

void append_milliseconds(const LogLine& line, const Flags& flags, Out& out) {
  const std::int64_t milliseconds = line.record.accept_wall_us % us_per_s / 1000;
  if (flags.hexadecimal) return base::append_format(out, "{:02X}", static_cast<std::uint64_t>(milliseconds));
  base::append_format(out, "{:03}", milliseconds);
}

// --- timers

/// The moments of a line, each rounded to a millisecond, so that the spans between them add up. A moment is
/// negative when it never came.
class Moments {
 public:
  explicit Moments(const ConnectionRecord& record) {
    const bool http = record.is_http;
    advance(request_, http ? record.http.request_us : 0);
    advance(queue_, record.queue_us);
    advance(connect_, record.connect_us);
    advance(response_, http ? record.http.response_us : 0);
    if (!http) request_ = response_ = -1;
  }

  // Since the request began, or the connection.
  std::int64_t request() const { return request_; }
  std::int64_t queue() const { return span(queue_, request_); }
  std::int64_t connect() const { return span(connect_, queue_ >= 0 ? queue_ : request_); }
  std::int64_t response() const {
    return span(response_, connect_ >= 0 ? connect_ : queue_ >= 0 ? queue_ : request_);
  }
  /// The last one before data flowed.
  std::int64_t data_began(bool http) const { return http ? response_ : connect_; }

 private:
  void advance(std::int64_t& moment, base::TimeUs span_us) {
    if (span_us < 0) return;
    at_us_ += span_us;
    moment = base::us_to_ms(at_us_);
  }
  static std::int64_t span(std::int64_t end, std::int64_t begin) {
    return end < 0 ? -1 : end - (begin < 0 ? 0 : begin);
  }

  base::TimeUs at_us_ = 0;
  std::int64_t request_ = -1, queue_ = -1, connect_ = -1, response_ = -1;
};

void append_number(Out& out, std::int64_t number) {
  base::append_format(out, "{}", number);
}

// More will follow.
void append_open_number(const LogLine& line, Out& out, std::int64_t number) {
  if (line.record.http.before_end) out.push_back('+');
  append_number(out, number);
}

void append_active(const LogLine& line, const Flags&, Out& out) {
  append_open_number(line, out, base::us_to_ms(http_active_us(line.record)));
}
void append_total(const LogLine& line, const Flags&, Out& out) {
  append_open_number(line, out, base::us_to_ms(line.record.total_us));
}
void append_user(const LogLine& line, const Flags&, Out& out) {
  const base::TimeUs idle_us = line.record.http.idle_us < 0 ? 0 : line.record.http.idle_us;
  append_open_number(line, out, base::us_to_ms(line.record.total_us - idle_us));
}
void append_data(const LogLine& line, const Flags&, Out& out) {
  const ConnectionRecord& record = line.record;
  const std::int64_t began = Moments(record).data_began(record.is_http);
  const base::TimeUs active_us = record.is_http ? http_active_us(record) : record.total_us;
  append_number(out, began < 0 ? -1 : base::us_to_ms(active_us) - began);
}
void append_handshake(const LogLine& line, const Flags&, Out& out) {
  append_number(out, base::us_to_ms(line.record.http.handshake_us));
}
void append_idle(const LogLine& line, const Flags&, Out& out) {
  append_number(out, line.record.http.idle_us < 0 ? -1 : base::us_to_ms(line.record.http.idle_us));
}
void append_until_request(const LogLine& line, const Flags&, Out& out) {
  const HttpRecord& http = line.record.http;
  append_number(out,
                http.request_us < 0 ? -1 : base::us_to_ms(http_waited_us(line.record) + http.request_us));
}
void append_request_span(const LogLine& line, const Flags&, Out& out) {
  append_number(out, Moments(line.record).request());
}
void append_queue(const LogLine& line, const Flags&, Out& out) {
  append_number(out, Moments(line.record).queue());
}
void append_connect(const LogLine& line, const Flags&, Out& out) {
  append_number(out, Moments(line.record).connect());
}
void append_response(const LogLine& line, const Flags&, Out& out) {
  append_number(out, Moments(line.record).response());
}

constexpr LogName rows[] = {
    {"T", append_accepted_utc, {}, false, "When it was accepted, UTC: 21/Nov/2026:19:34:48 +0000."},
    {"Ta", append_active, {}, true, "Milliseconds from the request's first byte to the end."},
    {"Tc", append_connect, {}, false, "Milliseconds until the server's connection stood."},
    {"Td", append_data, {}, false, "Milliseconds in which data flowed."},
    {"Th", append_handshake, {}, false, "Milliseconds of the PROXY header and the TLS handshake."},
    {"Ti", append_idle, {}, true, "Milliseconds of silence before the request."},
    {"Tl", append_accepted_local, {}, false, "When it was accepted, local time with its zone."},
    {"Tq", append_until_request, {}, true, "Th, Ti and TR together."},
    {"TR", append_request_span, {}, true, "Milliseconds until the request's head was there."},
    {"Tr", append_response, {}, true, "Milliseconds until the response's head was there."},
    {"Ts", append_timestamp, {}, false, "When it was accepted, in seconds since 1970."},
    {"Tt", append_total, {}, false, "Milliseconds from accepting to the end."},
    {"Tu", append_user, {}, false, "Milliseconds that the user saw: Tt without Ti."},
    {"Tw", append_queue, {}, false, "Milliseconds in queues."},
    {"ms", append_milliseconds, {}, false, "The milliseconds of that moment, three digits."},
    {"t", append_accepted, {}, false, "When it was accepted, local time: 21/Nov/2026:19:34:48.660."},
    {"tr", append_request, {}, true, "When the request began, local time with milliseconds."},
    {"trg", append_request_utc, {}, true, "The same, UTC with its zone."},
    {"trl", append_request_local, {}, true, "The same, local time with its zone."},
};

}  // namespace

std::span<const LogName> log_names_of_time() noexcept {
  return rows;
}

}  // namespace corelane::logfmt
