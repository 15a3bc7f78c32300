// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/model_address.hpp"
#include "logfmt/log_sample.hpp"
#include "logfmt/syslog.hpp"

/// Where log lines go, and what they look like.
namespace corelane::config {

/// The words of log_format; any other text is a format with % in it.
inline constexpr std::string_view log_format_json = "json";
inline constexpr std::string_view log_format_tcp = "tcp";
inline constexpr std::string_view log_format_http = "http";
inline constexpr std::string_view log_format_clf = "clf";

struct LogTarget {
  /// The last two are for frontends alone: the targets of `global.log`, and none.
  enum class Kind : std::uint8_t { standard_output, file, udp, unix_datagram, global, none };
  Kind kind = Kind::standard_output;
  std::string path;  // file and unix_datagram
  Address address;   // udp
  logfmt::SyslogForm form = logfmt::SyslogForm::local;
  logfmt::SyslogFacility facility{};
  logfmt::SyslogSeverity level = logfmt::SyslogSeverity::debug;  // what is less severe is left out
  logfmt::SyslogSeverity min_level =
      logfmt::SyslogSeverity::emergency;  // what is more severe is lowered to it
  std::uint32_t length = 0;               // bytes; what is longer is cut
  logfmt::LogSample sample;
  std::string text;  // as written

  bool opens() const noexcept { return kind != Kind::global && kind != Kind::none; }

  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

}  // namespace corelane::config
