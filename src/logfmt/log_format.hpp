// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "logfmt/log_line.hpp"
#include "sample/format_text.hpp"

/// Forms of log lines in HAProxy's language: "%ci:%cp [%tr] %ft %b/%s %ST %{+Q}r".
namespace corelane::logfmt {

/// What `option tcplog`, `option httplog` and `option httplog clf` of HAProxy write, byte for byte.
inline constexpr std::string_view tcp_log_format =
    "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq";
inline constexpr std::string_view http_log_format =
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs "
    "%{+Q}r";
inline constexpr std::string_view clf_log_format =
    "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc "
    "%sc "
    "%rc %sq %bq %CC %CS %hrl %hsl";

/// The most values that a lane has to look up for a line.
inline constexpr std::size_t log_values_max = 64;

/// A form made ready. Lines are made in two places: a lane looks up `values()`, which nobody can know later,
/// in their order, and sends them along with the record (write_log_values); the control thread does the rest.
class LogFormat {
 public:
  /// A sample, of an expression or behind a name.
  struct Value {
    sample::Expression expression;
    bool hexadecimal = false;
  };
  std::span<const Value> values() const noexcept { return values_; }

  /// Appends a line without its end. Nothing that came from a peer can break it.
  void append_to(fmt::memory_buffer& out, const LogLine& line) const;

 private:
  friend class LogFormatReader;

  struct Item {
    sample::FormatPiece::Kind kind = sample::FormatPiece::Kind::text;
    std::string text;
    const LogName* name = nullptr;
    std::uint32_t value = no_index;  // of values_, instead of a name
    bool is_number = false;          // stands without quotes
    sample::FormatFlags flags;
  };
  std::vector<Item> items_;
  std::vector<Value> values_;
};

struct LogFormatRead {
  std::optional<LogFormat> format;  // none: see fault
  sample::Fault fault;
};
/// `of_http`: lines are about HTTP requests.
LogFormatRead read_log_format(std::string_view text, bool of_http, const sample::Names& names);

/// Looks the values up and writes them to `memory`, at least log_values_bytes_min of it, as parts of a
/// HttpLogText. What is too long is cut.
std::string_view write_log_values(std::span<const LogFormat::Value> values, const sample::Input& input,
                                  std::span<char> memory);
inline constexpr std::size_t log_values_bytes_min = 1024;

}  // namespace corelane::logfmt
