// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>

#include "logfmt/names.hpp"
#include "logfmt/record.hpp"

namespace corelane::logfmt {

/// Appends what HAProxy's `option tcplog` logs, byte for byte, without line end:
///
///     %ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq
///     10.0.1.2:33313 [06/Feb/2009:12:12:09.655] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0
///
/// The time is local, `utc_offset_s` ahead of UTC.
void append_tcp_log(fmt::memory_buffer& out, const ConnectionRecord& record, const Names& names,
                    std::int32_t utc_offset_s);

}  // namespace corelane::logfmt
