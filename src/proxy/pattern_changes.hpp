// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/spsc_bytes.hpp"
#include "base/spsc_queue.hpp"

namespace corelane::proxy {

/// What a rule wants of a list of patterns.
struct PatternChange {
  enum class Kind : std::uint8_t { put, remove };  // put: adds an entry, or gives it another value
  Kind kind = Kind::put;
  std::uint32_t set = 0;  // its place among the lists
  std::uint32_t key_bytes = 0;
  std::uint32_t value_bytes = 0;
};

/// What the rules of one lane want of lists, on its way to the control thread, which alone changes them. One
/// thread pushes, one pops, and neither waits for the other.
class PatternChangeQueue {
 public:
  static constexpr std::uint32_t changes_max = 4096;
  static constexpr std::uint32_t text_bytes_max = 512 * 1024;
  static constexpr std::size_t entry_bytes_max = 8192;

  /// Writer: `text` is the key and the value behind it. False: there is no room, and the change is lost.
  bool push(PatternChange change, std::string_view text, std::size_t key_bytes) noexcept {
    if (text.size() > entry_bytes_max || changes_.full()) return false;
    change.key_bytes = static_cast<std::uint32_t>(key_bytes);
    change.value_bytes = static_cast<std::uint32_t>(text.size() - key_bytes);
    // The text goes first, so that whoever sees the change finds it.
    return texts_.write(text) && changes_.push(change);
  }
  /// Writer, behind a push: whether the reader has to be woken.
  bool announce() noexcept { return !announced_.exchange(true, std::memory_order_acq_rel); }

  /// Reader, before it pops: whoever pushes from now on announces it.
  void take_announcement() noexcept { announced_.exchange(false, std::memory_order_acq_rel); }
  bool announced() const noexcept { return announced_.load(std::memory_order_relaxed); }
  /// Reader.
  bool pop(PatternChange& change, std::string& key, std::string& value) {
    if (!changes_.pop(change)) return false;
    key.resize(change.key_bytes);
    value.resize(change.value_bytes);
    CORELANE_CHECK(texts_.read(key) && texts_.read(value));
    return true;
  }

 private:
  base::SpscQueue<PatternChange> changes_{changes_max};
  base::SpscBytes texts_{text_bytes_max};
  std::atomic<bool> announced_{false};  // set by the writer, cleared by the reader
};

}  // namespace corelane::proxy
