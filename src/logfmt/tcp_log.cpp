// SPDX-License-Identifier: Apache-2.0
#include "logfmt/tcp_log.hpp"

#include "base/append_format.hpp"
#include "logfmt/line_parts.hpp"

namespace corelane::logfmt {
namespace {

std::int64_t span_ms(base::TimeUs span_us) {
  return span_us < 0 ? -1 : base::us_to_ms(span_us);
}

}  // namespace

void append_tcp_log(fmt::memory_buffer& out, const ConnectionRecord& record, const Names& names,
                    std::int32_t utc_offset_s) {
  append_client(out, record);
  out.push_back(' ');
  append_date(out, record.accept_wall_us, utc_offset_s);
  out.push_back(' ');
  append_names(out, record, names);
  const std::array<char, 2> letters = termination_letters(record.reason, record.phase);
  base::append_format(out, " {}/{}/{} {} {}{} ", span_ms(record.queue_us), span_ms(record.connect_us),
                      span_ms(record.total_us), record.bytes_to_client, letters[0], letters[1]);
  append_counts(out, record);
}

}  // namespace corelane::logfmt
