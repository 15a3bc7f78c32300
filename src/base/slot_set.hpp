// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace corelane::base {

/// A set of numbers below a capacity, which can be walked in bounded steps while it changes: of a pool, the
/// slots in use.
class SlotSet {
 public:
  explicit SlotSet(std::uint32_t capacity) : words_((std::size_t{capacity} + 63) / 64) {}

  void add(std::uint32_t slot) noexcept { words_[slot / 64] |= bit(slot); }
  void remove(std::uint32_t slot) noexcept { words_[slot / 64] &= ~bit(slot); }
  bool has(std::uint32_t slot) const noexcept {
    return slot / 64 < words_.size() && (words_[slot / 64] & bit(slot)) != 0;
  }

  /// The first member from `from` on that is below `end`, or `end`.
  std::uint32_t next(std::uint32_t from, std::uint32_t end) const noexcept {
    while (from < end && from / 64 < words_.size()) {
      const std::uint64_t rest = words_[from / 64] & (~std::uint64_t{0} << (from % 64));
      const std::uint32_t base = from / 64 * 64;
      if (rest != 0) {
        const std::uint32_t found = base + static_cast<std::uint32_t>(std::countr_zero(rest));
        return found < end ? found : end;
      }
      from = base + 64;
    }
    return end;
  }

 private:
  static std::uint64_t bit(std::uint32_t slot) noexcept { return std::uint64_t{1} << (slot % 64); }

  std::vector<std::uint64_t> words_;
};

}  // namespace corelane::base
