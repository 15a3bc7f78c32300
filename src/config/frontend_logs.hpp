// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "config/model.hpp"
#include "logfmt/log_format.hpp"

namespace corelane::config {

/// How a frontend's lines are written, made ready. The same for every lane; nothing in it changes.
struct FrontendLogs {
  std::optional<logfmt::LogFormat> line;        // none: json
  std::optional<logfmt::LogFormat> error_line;  // likewise, where has_error_line
  bool has_error_line = false;
  bool silent = false;  // no line is ever written

  /// Whether lanes add samples to records.
  bool looks_up_values() const noexcept {
    return (line && !line->values().empty()) || (error_line && !error_line->values().empty());
  }
  /// Null: json.
  const logfmt::LogFormat* form_of(const logfmt::ConnectionRecord& record) const noexcept;
};

/// `key` is log_format or error_log_format; the fault's position is a byte of its text.
using LogFaults = std::function<void(std::string_view key, const sample::Fault&)>;

/// Every fault is told.
FrontendLogs compile_logs(const Frontend& frontend, const sample::Names& names, const LogFaults& faults);

/// Whether the format says something that only HTTP requests have.
bool is_http_log_format(std::string_view format);

}  // namespace corelane::config
