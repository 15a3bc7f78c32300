// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_output.hpp"

#include <doctest/doctest.h>

using corelane::logfmt::SyslogSeverity;
using corelane::runtime::log_message_line;
using corelane::runtime::LogTime;

namespace {

// 2026-11-21 02:23:19.123456 UTC, in a place one hour east of it.
constexpr LogTime when{.wall_us = 1'795'227'799'123'456, .utc_offset_s = 3600};

}  // namespace

TEST_CASE("a message is a line with local time and severity") {
  CHECK(log_message_line(false, SyslogSeverity::alert, "server", "Server b/s1 is DOWN", when) ==
        "[21/Nov/2026:03:23:19.123] alert: Server b/s1 is DOWN");
  CHECK(log_message_line(false, SyslogSeverity::emergency, "backend", "x", when).ends_with("emergency: x"));
  CHECK(log_message_line(false, SyslogSeverity::debug, "backend", "x", when).ends_with("debug: x"));
}

TEST_CASE("among JSON lines a message is JSON, in UTC") {
  CHECK(log_message_line(true, SyslogSeverity::notice, "server", "info: \"refused\"", when) ==
        R"({"time":"2026-11-21T02:23:19.123456Z","severity":"notice","event":"server",)"
        R"("message":"info: \"refused\""})");
}
