// SPDX-License-Identifier: Apache-2.0
#include "logfmt/syslog.hpp"

#include "base/append_format.hpp"
#include "logfmt/civil_time.hpp"

namespace corelane::logfmt {

void append_syslog_header(fmt::memory_buffer& out, const SyslogSource& source, SyslogSeverity severity,
                          std::int64_t wall_us, std::int32_t utc_offset_s) {
  const CivilTime time = civil_time(wall_us, utc_offset_s);
  const unsigned priority = source.facility * 8U + static_cast<unsigned>(severity);
  base::append_format(out, "<{}>{} {:2} {:02}:{:02}:{:02} {}[{}]: ", priority, month_abbreviation(time.month),
                      time.day, time.hour, time.minute, time.second, source.tag, source.pid);
}

}  // namespace corelane::logfmt
