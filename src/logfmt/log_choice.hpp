// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "logfmt/record.hpp"
#include "logfmt/syslog.hpp"

namespace corelane::logfmt {

/// What a frontend says about which lines are written.
struct LogChoice {
  bool dont_log_null = false;    // not those whose client sent nothing
  bool dont_log_normal = false;  // not those without a failure
};

/// What HAProxy calls an error: it did not end well, had to be tried again, or its status is 5xx.
bool is_failure(const ConnectionRecord& record);

/// Whether the record becomes a line. One that is refused with http.before_end is asked about again at its
/// end, as it may fail until then; one that is written then is not written again.
bool should_log(const ConnectionRecord& record, const LogChoice& choice);

/// The syslog level of the line; `separate_errors` lifts failures to "err".
SyslogSeverity log_severity(const ConnectionRecord& record, bool separate_errors);

}  // namespace corelane::logfmt
