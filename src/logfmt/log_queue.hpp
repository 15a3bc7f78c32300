// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/spsc_bytes.hpp"
#include "base/spsc_queue.hpp"
#include "logfmt/record.hpp"

namespace corelane::logfmt {

/// The records of one lane and the texts that belong to them, on their way to the control thread. One thread
/// pushes, one pops.
class LogQueue {
 public:
  /// Both are powers of two; `text_bytes` is shared by all records that wait.
  LogQueue(std::uint32_t records, std::uint32_t text_bytes) : records_(records), texts_(text_bytes) {}

  /// Writer. False when there is no room for the one or the other: the line is lost.
  bool push(ConnectionRecord& record, std::string_view text = {}) noexcept {
    // The text goes first, so that whoever sees the record finds it; and only if the record will follow,
    // because a text without one would be taken for the next record's.
    if (!text.empty() && (records_.full() || !texts_.write(text))) return false;
    record.http.text_bytes = static_cast<std::uint32_t>(text.size());
    return records_.push(record);
  }

  /// Reader. `text` is replaced by what was pushed with the record.
  bool pop(ConnectionRecord& record, std::string& text) {
    if (!records_.pop(record)) return false;
    text.resize(record.http.text_bytes);
    if (!text.empty()) CORELANE_CHECK(texts_.read(text));
    return true;
  }

  /// Either side, as a hint.
  bool empty() const noexcept { return records_.empty(); }

 private:
  base::SpscQueue<ConnectionRecord> records_;
  base::SpscBytes texts_;
};

}  // namespace corelane::logfmt
