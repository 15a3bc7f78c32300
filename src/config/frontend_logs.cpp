// SPDX-License-Identifier: Apache-2.0
#include "config/frontend_logs.hpp"

#include <algorithm>
#include <utility>

namespace corelane::config {
namespace {

// What HAProxy calls an error of a connection: it ended during its handshake.
bool is_connection_error(const logfmt::ConnectionRecord& record) {
  return record.reason == logfmt::EndReason::proxy_header_invalid ||
         record.reason == logfmt::EndReason::proxy_header_incomplete ||
         record.reason == logfmt::EndReason::proxy_header_timeout ||
         record.reason == logfmt::EndReason::tls_handshake_failed ||
         record.reason == logfmt::EndReason::tls_handshake_refused ||
         record.reason == logfmt::EndReason::tls_handshake_incomplete ||
         record.reason == logfmt::EndReason::tls_handshake_timeout;
}

std::string_view format_behind(std::string_view word) {
  if (word == log_format_tcp) return logfmt::tcp_log_format;
  if (word == log_format_http) return logfmt::http_log_format;
  if (word == log_format_clf) return logfmt::clf_log_format;
  return word;
}

}  // namespace

const logfmt::LogFormat* FrontendLogs::form_of(const logfmt::ConnectionRecord& record) const noexcept {
  const auto& chosen = has_error_line && is_connection_error(record) ? error_line : line;
  return chosen ? &*chosen : nullptr;
}

FrontendLogs compile_logs(const Frontend& frontend, const sample::Names& names, const LogFaults& faults) {
  FrontendLogs logs;
  logs.silent = !frontend.log.empty() && frontend.log.front().kind == LogTarget::Kind::none;
  const auto compile = [&](std::string_view key, const std::string& text,
                           std::optional<logfmt::LogFormat>& form) {
    if (text == log_format_json) return;
    logfmt::LogFormatRead read =
        logfmt::read_log_format(format_behind(text), frontend.mode == Mode::http, names);
    if (!read.format) faults(key, read.fault);
    form = std::move(read.format);
  };
  compile("log_format", frontend.log_format, logs.line);
  logs.has_error_line = !frontend.error_log_format.empty();
  if (logs.has_error_line) compile("error_log_format", frontend.error_log_format, logs.error_line);
  return logs;
}

bool is_http_log_format(std::string_view format) {
  const sample::FormatText text = sample::read_format_text(format_behind(format));
  return std::ranges::any_of(text.pieces, [](const sample::FormatPiece& piece) {
    if (piece.kind != sample::FormatPiece::Kind::name) return false;
    const logfmt::LogName* name = logfmt::find_log_name(piece.text);
    return name != nullptr && name->http_only;
  });
}

}  // namespace corelane::config
