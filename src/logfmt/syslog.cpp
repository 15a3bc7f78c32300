// SPDX-License-Identifier: Apache-2.0
#include "logfmt/syslog.hpp"

#include <cstdlib>

#include "base/append_format.hpp"
#include "base/civil_time.hpp"

namespace corelane::logfmt {
namespace {

void append_old_time(fmt::memory_buffer& out, const base::CivilTime& time) {
  base::append_format(out, "{} {:2} {:02}:{:02}:{:02} ", base::month_abbreviation(time.month), time.day,
                      time.hour, time.minute, time.second);
}

void append_iso_time(fmt::memory_buffer& out, const base::CivilTime& time, std::int32_t utc_offset_s) {
  const std::int32_t minutes = std::abs(utc_offset_s) / 60;
  base::append_format(out, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}{}{:02}:{:02} ", time.year, time.month,
                      time.day, time.hour, time.minute, time.second, time.microsecond,
                      utc_offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace

void append_syslog_header(fmt::memory_buffer& out, const SyslogSource& source, SyslogSeverity severity,
                          std::int64_t wall_us, std::int32_t utc_offset_s) {
  const base::CivilTime time = base::civil_time(wall_us, utc_offset_s);
  const unsigned level = static_cast<unsigned>(severity);
  const unsigned priority = static_cast<unsigned>(source.facility) * 8U + level;
  switch (source.form) {
    case SyslogForm::local:
      base::append_format(out, "<{}>", priority);
      append_old_time(out, time);
      return base::append_format(out, "{}[{}]: ", source.tag, source.pid);
    case SyslogForm::rfc3164:
      base::append_format(out, "<{}>", priority);
      append_old_time(out, time);
      return base::append_format(out, "{} {}[{}]: ", source.hostname.empty() ? "localhost" : source.hostname,
                                 source.tag, source.pid);
    case SyslogForm::rfc5424:
      base::append_format(out, "<{}>1 ", priority);
      append_iso_time(out, time, utc_offset_s);
      return base::append_format(out, "{} {} {} - - ", source.hostname.empty() ? "-" : source.hostname,
                                 source.tag, source.pid);
    case SyslogForm::priority:
      return base::append_format(out, "<{}>", priority);
    case SyslogForm::brief:
      return base::append_format(out, "<{}>", level);
    case SyslogForm::timed:
      base::append_format(out, "<{}>", level);
      return append_iso_time(out, time, utc_offset_s);
    case SyslogForm::iso:
      return append_iso_time(out, time, utc_offset_s);
    case SyslogForm::raw:
      return;
  }
}

}  // namespace corelane::logfmt
