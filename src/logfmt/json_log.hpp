// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "logfmt/names.hpp"
#include "logfmt/record.hpp"

namespace corelane::logfmt {

/// Appends the record as one JSON object without line end. Every key is always there; what does not apply is
/// null. The time is UTC in RFC 3339, and a request's own where there is one; *_ms are numbers with
/// microseconds as decimals. `http` is an object, or null in mode tcp; `text` is then the record's
/// HttpLogText.
void append_json_log(fmt::memory_buffer& out, const ConnectionRecord& record, std::string_view text,
                     const Names& names);

/// Appends a JSON string with its quotes. `text` is UTF-8; bytes that are not become U+FFFD, so that the line
/// is always JSON.
void append_json_string(fmt::memory_buffer& out, std::string_view text);

}  // namespace corelane::logfmt
