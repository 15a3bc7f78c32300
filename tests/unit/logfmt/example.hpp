// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "logfmt/log_format.hpp"
#include "logfmt/names.hpp"
#include "logfmt/record.hpp"

namespace corelane::logfmt {

/// Names and a record as one might meet them: frontend fe, backend bk with two servers.
struct Example {
  std::string_view binds[2] = {":3306", "unix:/run/db.sock"};
  std::string_view servers[2] = {"s1", "s2"};
  FrontendNames frontends[1] = {{"fe", binds}};
  BackendNames backends[1] = {{"bk", servers}};
  Names names{frontends, backends};
  ConnectionRecord record;

  Example() {
    record.accept_wall_us = 1'795'227'615'446'999;  // 2026-11-21 02:20:15 UTC
    record.queue_us = 0;
    record.connect_us = 1500;
    record.total_us = 2'001'499;
    record.bytes_to_server = 5;
    record.bytes_to_client = 212;
    record.connections_process = 4;
    record.connections_frontend = 3;
    record.connections_backend = 2;
    record.connections_server = 1;
    record.frontend = 0;
    record.bind = 0;
    record.backend = 0;
    record.server = 1;
    record.client = {.ip = {10, 0, 1, 2}, .port = 33313, .family = base::Family::ipv4};
    record.reason = EndReason::completed;
    record.phase = EndPhase::finished;
  }
};

inline std::string text_of(const fmt::memory_buffer& out) {
  return fmt::to_string(out);
}

/// A line without samples.
inline std::string line_of(std::string_view format, bool of_http, const ConnectionRecord& record,
                           std::string_view text, const Names& names, std::int32_t utc_offset_s = 0) {
  const LogFormatRead read = read_log_format(format, of_http, {});
  REQUIRE_MESSAGE(read.format.has_value(), read.fault.message);
  REQUIRE(read.format->values().empty());
  const LogProcess process{.hostname = "vm", .pid = 26181, .utc_offset_s = utc_offset_s};
  fmt::memory_buffer out;
  read.format->append_to(out, {record, {}, HttpLogParts(record, text, names), names, process, 7});
  return text_of(out);
}

}  // namespace corelane::logfmt
