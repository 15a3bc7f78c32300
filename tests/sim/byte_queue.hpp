// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace corelane::sim {

/// Bytes in order, taken from the front and put to the back.
class ByteQueue {
 public:
  std::size_t size() const noexcept { return bytes_.size() - head_; }
  bool empty() const noexcept { return size() == 0; }

  void push(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  /// Fills `into` as far as there are bytes, and leaves them; returns how many.
  std::size_t peek(std::span<std::byte> into) const {
    const std::size_t count = std::min(into.size(), size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(head_), count, into.begin());
    return count;
  }

  /// Fills `into` as far as there are bytes; returns how many.
  std::size_t pop(std::span<std::byte> into) {
    const std::size_t count = peek(into);
    drop(count);
    return count;
  }

  /// Moves up to `count` bytes to the end of `other`.
  std::size_t move_to(ByteQueue& other, std::size_t count) {
    count = std::min(count, size());
    other.push(std::span(bytes_).subspan(head_, count));
    drop(count);
    return count;
  }

  void clear() noexcept {
    bytes_.clear();
    head_ = 0;
  }

 private:
  void drop(std::size_t count) {
    head_ += count;
    if (head_ == bytes_.size()) {
      clear();
    } else if (head_ > 4096) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }

  std::vector<std::byte> bytes_;
  std::size_t head_ = 0;
};

}  // namespace corelane::sim
