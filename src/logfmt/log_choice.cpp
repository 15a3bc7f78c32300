// SPDX-License-Identifier: Apache-2.0
#include "logfmt/log_choice.hpp"

namespace corelane::logfmt {
namespace {

constexpr char cause_none = '-';
constexpr char cause_local = 'L';
constexpr std::int16_t status_server_error = 500;

/// Of TCP a connection that carried nothing either way, unless its PROXY header was refused.
bool is_null(const ConnectionRecord& record) {
  if (record.is_http) return record.http.idle_us < 0;
  return record.bytes_to_server == 0 && record.bytes_to_client == 0 && record.detail.empty();
}

}  // namespace

bool is_failure(const ConnectionRecord& record) {
  const char cause = termination_letters(record.reason, record.phase)[0];
  if (cause != cause_none && cause != cause_local) return true;
  return record.redispatched || record.retries != 0 || record.http.status >= status_server_error;
}

bool should_log(const ConnectionRecord& record, const LogChoice& choice) {
  if (choice.dont_log_null && is_null(record)) return false;
  return !choice.dont_log_normal || is_failure(record);
}

SyslogSeverity log_severity(const ConnectionRecord& record, bool separate_errors) {
  if (record.http.level >= 0) return static_cast<SyslogSeverity>(record.http.level);
  return separate_errors && is_failure(record) ? SyslogSeverity::error : SyslogSeverity::info;
}

}  // namespace corelane::logfmt
