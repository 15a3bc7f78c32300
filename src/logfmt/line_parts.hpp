// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "logfmt/names.hpp"
#include "logfmt/record.hpp"

/// What HAProxy's line formats have in common.
namespace corelane::logfmt {

/// %ci:%cp
void append_client(fmt::memory_buffer& out, const ConnectionRecord& record);
/// The date in brackets: [06/Feb/2009:12:12:09.655]
void append_date(fmt::memory_buffer& out, std::int64_t wall_us, std::int32_t utc_offset_s);
/// %ft %b/%s; the frontend stands in for a backend that was not chosen.
void append_names(fmt::memory_buffer& out, const ConnectionRecord& record, const Names& names);
/// %ac/%fc/%bc/%sc/%rc %sq/%bq
void append_counts(fmt::memory_buffer& out, const ConnectionRecord& record);

inline void append_text(fmt::memory_buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

}  // namespace corelane::logfmt
