// SPDX-License-Identifier: Apache-2.0
#include "logfmt/line_parts.hpp"

#include "base/append_format.hpp"
#include "logfmt/civil_time.hpp"

namespace corelane::logfmt {

void append_client(fmt::memory_buffer& out, const ConnectionRecord& record) {
  if (record.client.family == base::Family::unix_socket) {
    // As HAProxy: the number of the listener, from 1, stands in for the port.
    base::append_format(out, "unix:{}", record.bind == no_index ? 0 : record.bind + 1);
    return;
  }
  base::IpText memory;
  base::append_format(out, "{}:{}", base::endpoint_ip_text(record.client, memory), record.client.port);
}

void append_date(fmt::memory_buffer& out, std::int64_t wall_us, std::int32_t utc_offset_s) {
  const CivilTime time = civil_time(wall_us, utc_offset_s);
  base::append_format(out, "[{:02}/{}/{:04}:{:02}:{:02}:{:02}.{:03}]", time.day,
                      month_abbreviation(time.month), time.year, time.hour, time.minute, time.second,
                      time.millisecond());
}

void append_names(fmt::memory_buffer& out, const ConnectionRecord& record, const Names& names) {
  const std::string_view frontend = names.frontend(record.frontend);
  const std::string_view backend = names.backend(record.backend);
  const std::string_view server = names.server(record.backend, record.server);
  base::append_format(out, "{} {}/{}", frontend, backend.empty() ? frontend : backend,
                      server.empty() ? "<NOSRV>" : server);
}

void append_counts(fmt::memory_buffer& out, const ConnectionRecord& record) {
  base::append_format(out, "{}/{}/{}/{}/{}{} {}/{}", record.connections_process, record.connections_frontend,
                      record.connections_backend, record.connections_server, record.redispatched ? "+" : "",
                      record.retries, record.queue_server, record.queue_backend);
}

}  // namespace corelane::logfmt
