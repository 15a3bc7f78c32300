// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace corelane::logfmt {

/// RFC 3164's severities.
enum class SyslogSeverity : std::uint8_t {
  emergency,
  alert,
  critical,
  error,
  warning,
  notice,
  info,
  debug,
};

/// RFC 3164's facilities, by their numbers: kern is 0, local0 is 16.
enum class SyslogFacility : std::uint8_t {};

/// What stands before a message. The names are HAProxy's.
enum class SyslogForm : std::uint8_t {
  local,     // <PRI>Mmm dd hh:mm:ss TAG[PID]: as RFC 3164 without a hostname, which syslog daemons add
  rfc3164,   // <PRI>Mmm dd hh:mm:ss HOST TAG[PID]:
  rfc5424,   // <PRI>1 TIME HOST TAG PID - -
  priority,  // <PRI>
  brief,     // "short": <SEVERITY>, as systemd's journal reads it
  timed,     // <SEVERITY>TIME
  iso,       // TIME
  raw,       // nothing
};

/// Who speaks: the same for every message of a process and target.
struct SyslogSource {
  SyslogForm form = SyslogForm::local;
  SyslogFacility facility{16};
  std::string_view tag;
  std::string_view hostname;  // empty: "localhost" in RFC 3164, "-" in RFC 5424
  std::int64_t pid = 0;
};

/// Appends what stands before a message, with the blank behind it; the message follows. Times are local,
/// `utc_offset_s` ahead of UTC; TIME is 2026-11-21T19:34:48.661028+01:00 (RFC 3339).
void append_syslog_header(fmt::memory_buffer& out, const SyslogSource& source, SyslogSeverity severity,
                          std::int64_t wall_us, std::int32_t utc_offset_s);

}  // namespace corelane::logfmt
