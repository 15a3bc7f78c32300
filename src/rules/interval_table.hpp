// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <queue>
#include <type_traits>
#include <vector>

namespace corelane::rules {

/// An IPv6 address as a number.
struct Wide {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const Wide&, const Wide&) = default;
};

constexpr std::uint32_t successor(std::uint32_t key) noexcept {
  return key + 1;
}
constexpr std::int64_t successor(std::int64_t key) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(key) + 1);
}
constexpr Wide successor(Wide key) noexcept {
  return {key.high + (key.low == std::numeric_limits<std::uint64_t>::max() ? 1 : 0), key.low + 1};
}

/// Ranges of keys that may overlap, each with a number: which one holds a key? Where several do it is the one
/// of the lowest rank. They are cut once into ranges that do not overlap; a lookup is one binary search.
template <class Key>
class IntervalTable {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  struct Interval {
    Key min;
    Key max;  // part of it
    std::uint64_t rank;
    std::uint32_t number;
  };

  IntervalTable() = default;
  explicit IntervalTable(std::vector<Interval> intervals) {
    std::erase_if(intervals, [](const Interval& interval) { return interval.max < interval.min; });
    std::sort(intervals.begin(), intervals.end(),
              [](const Interval& a, const Interval& b) { return a.min < b.min; });
    cut(intervals);
    starts_.shrink_to_fit();
    numbers_.shrink_to_fit();
    make_index();
  }

  std::uint32_t find(Key key) const noexcept {
    auto first = starts_.begin();
    auto last = starts_.end();
    if constexpr (is_indexed) {
      if (!index_.empty()) {
        first = starts_.begin() + index_[key >> index_shift];
        last = starts_.begin() + index_[(key >> index_shift) + 1];
      }
    }
    const auto after = std::upper_bound(first, last, key);
    return after == starts_.begin() ? none : numbers_[static_cast<std::size_t>(after - starts_.begin()) - 1];
  }

 private:
  static constexpr bool is_indexed = std::is_same_v<Key, std::uint32_t>;
  static constexpr unsigned index_shift = 16;
  static constexpr std::size_t indexed_min = 4096;  // fewer are found as quickly without

  struct Later {
    bool operator()(const Interval& a, const Interval& b) const noexcept { return a.rank > b.rank; }
  };

  void append(Key start, std::uint32_t number) {
    if (!numbers_.empty() && numbers_.back() == number) return;
    starts_.push_back(start);
    numbers_.push_back(number);
  }

  // Goes over all keys once; `open` are the intervals that began and may not have ended.
  void cut(const std::vector<Interval>& intervals) {
    std::priority_queue<Interval, std::vector<Interval>, Later> open;
    std::size_t next = 0;
    Key at{};
    while (next < intervals.size() || !open.empty()) {
      if (open.empty()) at = intervals[next].min;
      while (next < intervals.size() && intervals[next].min == at) open.push(intervals[next++]);
      while (!open.empty() && open.top().max < at) open.pop();
      append(at, open.empty() ? none : open.top().number);
      if (open.empty()) continue;
      const bool begins_within = next < intervals.size() && intervals[next].min <= open.top().max;
      const Key after = begins_within ? intervals[next].min : successor(open.top().max);
      if (!begins_within && !(open.top().max < after)) return;  // the highest key
      if (!begins_within) open.pop();
      at = after;
      while (!open.empty() && open.top().max < at) open.pop();
      if (open.empty() && !(next < intervals.size() && intervals[next].min == at)) append(at, none);
    }
  }

  void make_index() {
    if constexpr (is_indexed) {
      if (starts_.size() < indexed_min) return;
      index_.assign((std::size_t{1} << index_shift) + 1, 0);
      std::size_t place = 0;
      for (std::size_t top = 0; top + 1 < index_.size(); ++top) {
        while (place < starts_.size() && starts_[place] >> index_shift < top) ++place;
        index_[top] = static_cast<std::uint32_t>(place);
      }
      index_.back() = static_cast<std::uint32_t>(starts_.size());
    }
  }

  std::vector<Key> starts_;
  std::vector<std::uint32_t> numbers_;  // from the start of the same place to the next one
  std::vector<std::uint32_t> index_;    // by a key's upper half: the first start that has it, or a higher one
};

}  // namespace corelane::rules
