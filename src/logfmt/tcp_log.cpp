// SPDX-License-Identifier: Apache-2.0
#include "logfmt/tcp_log.hpp"

#include <iterator>

#include "logfmt/civil_time.hpp"

namespace corelane::logfmt {
namespace {

void append_client(fmt::memory_buffer& out, const ConnectionRecord& record) {
  if (record.client.family == base::Family::unix_socket) {
    // As HAProxy: the number of the listener, from 1, stands in for the port.
    fmt::format_to(std::back_inserter(out), "unix:{}", record.bind == no_index ? 0 : record.bind + 1);
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}:{}", base::endpoint_ip_text(record.client), record.client.port);
}

void append_date(fmt::memory_buffer& out, const CivilTime& time) {
  fmt::format_to(std::back_inserter(out), " [{:02}/{}/{:04}:{:02}:{:02}:{:02}.{:03}] ", time.day,
                 month_abbreviation(time.month), time.year, time.hour, time.minute, time.second,
                 time.millisecond());
}

std::int64_t span_ms(base::TimeUs span_us) {
  return span_us < 0 ? -1 : base::us_to_ms(span_us);
}

}  // namespace

void append_tcp_log(fmt::memory_buffer& out, const ConnectionRecord& record, const Names& names,
                    std::int32_t utc_offset_s) {
  append_client(out, record);
  append_date(out, civil_time(record.accept_wall_us, utc_offset_s));
  const std::string_view frontend = names.frontend(record.frontend);
  const std::string_view backend = names.backend(record.backend);
  const std::string_view server = names.server(record.backend, record.server);
  const std::array<char, 2> letters = termination_letters(record.reason, record.phase);
  fmt::format_to(std::back_inserter(out), "{} {}/{} {}/{}/{} {} {}{} {}/{}/{}/{}/{}{} {}/{}", frontend,
                 backend.empty() ? frontend : backend, server.empty() ? "<NOSRV>" : server,
                 span_ms(record.queue_us), span_ms(record.connect_us), span_ms(record.total_us),
                 record.bytes_to_client, letters[0], letters[1], record.connections_process,
                 record.connections_frontend, record.connections_backend, record.connections_server,
                 record.redispatched ? "+" : "", record.retries, record.queue_server, record.queue_backend);
}

}  // namespace corelane::logfmt
