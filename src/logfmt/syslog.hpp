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

/// Who speaks: the same for every message of a process and target.
struct SyslogSource {
  std::uint8_t facility = 16;  // local0
  std::string_view tag;
  std::int64_t pid = 0;
};

/// Appends `<PRI>Mmm dd hh:mm:ss TAG[PID]: ` in local time, `utc_offset_s` ahead of UTC: RFC 3164 without a
/// hostname, which syslog daemons add, as HAProxy sends it. The message follows, and a line feed ends it.
void append_syslog_header(fmt::memory_buffer& out, const SyslogSource& source, SyslogSeverity severity,
                          std::int64_t wall_us, std::int32_t utc_offset_s);

}  // namespace corelane::logfmt
