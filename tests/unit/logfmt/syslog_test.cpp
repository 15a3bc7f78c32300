// SPDX-License-Identifier: Apache-2.0
#include "logfmt/syslog.hpp"

#include <doctest/doctest.h>

#include "example.hpp"

using namespace corelane::logfmt;

TEST_CASE("headers are those that HAProxy sends") {
  struct Row {
    SyslogSource source;
    SyslogSeverity severity;
    std::int64_t wall_us;
    std::int32_t utc_offset_s;
    const char* expected;
  };
  for (const Row& row : {
           Row{{18, "haproxy", 6670},
               SyslogSeverity::info,
               1'795'227'615'446'000,
               0,
               "<150>Nov 21 02:20:15 haproxy[6670]: "},
           Row{{16, "corelane", 1},
               SyslogSeverity::info,
               1'233'922'329'655'000,
               3600,
               "<134>Feb  6 13:12:09 corelane[1]: "},
           Row{{0, "c", 4194304}, SyslogSeverity::emergency, 0, 0, "<0>Jan  1 00:00:00 c[4194304]: "},
           Row{{23, "c", 2}, SyslogSeverity::debug, 0, -1, "<191>Dec 31 23:59:59 c[2]: "},
       }) {
    fmt::memory_buffer out;
    append_syslog_header(out, row.source, row.severity, row.wall_us, row.utc_offset_s);
    CHECK(text_of(out) == row.expected);
  }
}
