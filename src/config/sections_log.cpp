// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

bool names_facility(const void* object) {
  return static_cast<const LogTarget*>(object)->form <= logfmt::SyslogForm::priority;
}

constexpr Condition with_facility{"format", names_facility,
                                  "the format is local, rfc3164, rfc5424 or priority"};

constexpr Condition with_destination{
    "to", [](const void* object) { return static_cast<const LogTarget*>(object)->opens(); },
    "to is a destination of its own"};
constexpr Condition with_facility_there{
    "to", [](const void* object) { return with_destination.holds(object) && names_facility(object); },
    "to is a destination of its own whose format is local, rfc3164, rfc5424 or priority"};

/// The rows of a target whose destination is read by `to`.
constexpr std::array<Field, 7> log_rows(const Field& to) {
  return {
      to.as_required(),
      row::value<&LogTarget::form>(
          "format", as_word<logfmt::SyslogForm>(), "",
          "What stands before each line. local: syslog's priority, date, tag and process; rfc3164: the same "
          "with "
          "the hostname; rfc5424: the newer form; priority: that alone; short: the level alone, for "
          "systemd's "
          "journal; timed: level and date; iso: the date; raw: nothing.",
          {}, syslog_forms)
          .with_note("local for syslog, raw for stdout and files"),
      row::value<&LogTarget::facility>("facility", as_word<logfmt::SyslogFacility>(), "local0",
                                       "Syslog's facility.", {}, syslog_facilities)
          .only_if(with_facility),
      row::value<&LogTarget::level>("level", as_word<logfmt::SyslogSeverity>(), "debug",
                                    "Lines that are less important than this are left out.", {},
                                    syslog_levels),
      row::value<&LogTarget::min_level>("min_level", as_word<logfmt::SyslogSeverity>(), "emerg",
                                        "Lines that are more important are sent with this level.", {},
                                        syslog_levels),
      row::value<&LogTarget::length>(
          "length", as_count, "65000",
          "The most bytes of a line, with what stands before it. Many syslog daemons "
          "want 1024.",
          {80, 65535}),
      row::value<&LogTarget::sample>(
          "sample", as_log_sample, "",
          "Which lines of how many it gets: \"1:10\" is the first of ten, \"2-10:10\" are "
          "the others.")
          .with_note("every line"),
  };
}

constexpr auto log_fields = log_rows(row::whole<LogTarget>(
    "to", as_log_destination, "",
    "The destination: stdout, file:/PATH, udp://HOST:PORT or unix:/PATH; the last two are syslog."));
constexpr auto frontend_log_fields = [] {
  auto rows =
      log_rows(row::whole<LogTarget>("to", as_frontend_log_destination, "",
                                     "The destination: stdout, file:/PATH, udp://HOST:PORT or unix:/PATH; "
                                     "global: the targets of global.log; none: nowhere."));
  for (Field& field : rows)
    if (!field.required)
      field = field.only_if(field.condition.holds == nullptr ? with_destination : with_facility_there);
  return rows;
}();

}  // namespace

const Section log_section{.help = "One destination of log lines.",
                          .fields = log_fields,
                          .shorthand = "to",
                          .example = R"({"to": "stdout"})"};
const Section frontend_log_section{.help = "One destination of a frontend's log lines.",
                                   .fields = frontend_log_fields,
                                   .shorthand = "to",
                                   .example = R"({"to": "stdout"})"};

}  // namespace corelane::config
