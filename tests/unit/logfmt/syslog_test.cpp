// SPDX-License-Identifier: Apache-2.0
#include "logfmt/syslog.hpp"

#include <doctest/doctest.h>

#include "example.hpp"

using namespace corelane::logfmt;

TEST_CASE("headers are those that HAProxy sends") {
  using enum SyslogForm;
  constexpr std::int64_t evening_us = 1'795'289'688'661'028;
  struct Row {
    SyslogForm form;
    std::uint8_t facility;
    const char* tag;
    const char* hostname;
    std::int64_t pid;
    SyslogSeverity severity;
    std::int64_t wall_us;
    std::int32_t utc_offset_s;
    const char* expected;
  };
  for (const Row& row : {
           Row{local, 18, "haproxy", "", 6670, SyslogSeverity::info, 1'795'227'615'446'000, 0,
               "<150>Nov 21 02:20:15 haproxy[6670]: "},
           Row{local, 16, "corelane", "vm", 1, SyslogSeverity::info, 1'233'922'329'655'000, 3600,
               "<134>Feb  6 13:12:09 corelane[1]: "},
           Row{local, 0, "c", "", 4194304, SyslogSeverity::emergency, 0, 0,
               "<0>Jan  1 00:00:00 c[4194304]: "},
           Row{local, 23, "c", "", 2, SyslogSeverity::debug, 0, -1, "<191>Dec 31 23:59:59 c[2]: "},
           Row{rfc3164, 18, "haproxy", "", 26181, SyslogSeverity::info, evening_us, 0,
               "<150>Nov 21 19:34:48 localhost haproxy[26181]: "},
           Row{rfc3164, 18, "haproxy", "vm", 26181, SyslogSeverity::info, evening_us, 0,
               "<150>Nov 21 19:34:48 vm haproxy[26181]: "},
           Row{rfc5424, 18, "haproxy", "", 26181, SyslogSeverity::info, evening_us, 0,
               "<150>1 2026-11-21T19:34:48.661028+00:00 - haproxy 26181 - - "},
           Row{rfc5424, 18, "haproxy", "vm", 26181, SyslogSeverity::info, evening_us, 3600,
               "<150>1 2026-11-21T20:34:48.661028+01:00 vm haproxy 26181 - - "},
           Row{priority, 18, "haproxy", "", 1, SyslogSeverity::info, evening_us, 0, "<150>"},
           Row{brief, 18, "haproxy", "", 1, SyslogSeverity::info, evening_us, 0, "<6>"},
           Row{timed, 18, "haproxy", "", 1, SyslogSeverity::info, evening_us, -12'600,
               "<6>2026-11-21T16:04:48.661028-03:30 "},
           Row{iso, 18, "haproxy", "", 1, SyslogSeverity::info, evening_us, 0,
               "2026-11-21T19:34:48.661028+00:00 "},
           Row{raw, 18, "haproxy", "", 1, SyslogSeverity::info, evening_us, 0, ""},
       }) {
    fmt::memory_buffer out;
    append_syslog_header(out,
                         {.form = row.form,
                          .facility = SyslogFacility{row.facility},
                          .tag = row.tag,
                          .hostname = row.hostname,
                          .pid = row.pid},
                         row.severity, row.wall_us, row.utc_offset_s);
    CHECK(text_of(out) == row.expected);
  }
}
