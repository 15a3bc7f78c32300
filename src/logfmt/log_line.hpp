// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "logfmt/http_log_text.hpp"
#include "logfmt/names.hpp"
#include "logfmt/record.hpp"
#include "sample/format_text.hpp"

/// What a log line is made of.
namespace corelane::logfmt {

/// What is the same for every line of the process.
struct LogProcess {
  std::string_view hostname;
  std::int64_t pid = 0;
  std::int32_t utc_offset_s = 0;  // how far local time is ahead of UTC
};

/// The parts of a HttpLogText by their names. A request that was refused while it was read has no line and
/// no captures, not even empty ones.
struct HttpLogParts {
  HttpLogParts(const ConnectionRecord& record, std::string_view text, const Names& names);

  std::optional<std::string_view> request_line, client_cookie, server_cookie;
  std::size_t request_captures = 0, response_captures = 0;
  HttpLogTextReader request_headers{{}}, response_headers{{}};
};

struct LogLine {
  const ConnectionRecord& record;
  std::span<const std::optional<std::string_view>> values;  // of LogFormat::values()
  const HttpLogParts& parts;
  const Names& names;
  const LogProcess& process;
  std::uint64_t number = 0;  // lines of this frontend before this one
};

/// What %NAME stands for.
struct LogName {
  std::string_view name;
  void (*append)(const LogLine& line, const sample::FormatFlags& flags, fmt::memory_buffer& out) = nullptr;
  std::string_view fetch = {};  // instead: only the lane knows it, by this expression
  bool http_only = false;
  std::string_view help;
};
std::span<const LogName> log_names() noexcept;
std::span<const LogName> log_names_of_time() noexcept;  // dates and timers
/// Null: there is none of this name.
const LogName* find_log_name(std::string_view name) noexcept;

/// HAProxy's termination state of an HTTP request: cause, phase, and what became of the persistence cookie.
std::array<char, 4> http_termination_letters(const ConnectionRecord& record);

/// A text, or what stands for one that is not there: "-", or "" in quotes.
void append_log_text(fmt::memory_buffer& out, std::optional<std::string_view> text,
                     const sample::FormatFlags& flags);
/// What is not printable, and each of `special`, becomes #XX.
void append_encoded(fmt::memory_buffer& out, std::string_view text, std::string_view special,
                    const sample::FormatFlags& flags);

using sample::hexadecimal_text;
using sample::HexText;

inline void append_text(fmt::memory_buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

}  // namespace corelane::logfmt
