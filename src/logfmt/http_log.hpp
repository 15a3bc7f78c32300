// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "logfmt/names.hpp"
#include "logfmt/record.hpp"

namespace corelane::logfmt {

/// Appends what HAProxy's `option httplog` logs, byte for byte, without line end:
///
///     %ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs
///     %{+Q}r 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ----
///     1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"
///
/// `text` is the record's HttpLogText. The time is local, `utc_offset_s` ahead of UTC. A '+' before bytes and
/// Ta says that there is more to come. The timers of a line never add up to more than Ta.
void append_http_log(fmt::memory_buffer& out, const ConnectionRecord& record, std::string_view text,
                     const Names& names, std::int32_t utc_offset_s);

/// HAProxy's termination state of an HTTP request: cause, phase, and what became of the persistence cookie.
std::array<char, 4> http_termination_letters(const ConnectionRecord& record);

}  // namespace corelane::logfmt
