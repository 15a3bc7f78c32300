// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/timer_wheel.hpp"
#include "control/loop.hpp"
#include "control/quiet_lanes.hpp"
#include "rules/pattern_sets.hpp"

namespace corelane::control {

/// Changes lists of patterns as rules want it (set-map, add-acl and the like). Lanes leave what they want in
/// queues of their own; here it is gathered for a moment, so that a list is made anew once for many changes,
/// and for longer where that takes long. Made before the lanes start; lives in the control thread.
class PatternUpdates {
 public:
  using Say = std::function<void(const std::string& text)>;
  /// Entries that a list may have for rules to add more.
  static constexpr std::size_t entries_max = 1'000'000;

  PatternUpdates(Loop& loop, rules::PatternSets* sets);
  PatternUpdates(const PatternUpdates&) = delete;
  PatternUpdates& operator=(const PatternUpdates&) = delete;
  ~PatternUpdates();

  /// For proxy::LaneShared: called in a lane's thread; `context` is this.
  static void on_pattern_changes(void* context, io::Ring* lane_ring);

  void start(const QuietLanes::Lanes& lanes, QuietLanes& quiet, Say say);
  void stop();

 private:
  static constexpr base::TimeUs gather_us = 5'000;
  static constexpr base::TimeUs notice_interval_us = 1'000'000;
  static constexpr std::int64_t pause_share = 9;  // of the time that a change took, before the next one

  /// What is wanted of one entry; the last of several counts.
  struct Wanted {
    bool removed = false;
    std::string value;
  };
  /// Looks texts up as they lie in a list.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  using Changes = std::unordered_map<std::string, Wanted, TextHash, std::equal_to<>>;

  static void woken(void* context);
  static void on_timer(base::Timer& timer);
  bool any_announced() const;
  std::map<std::uint32_t, Changes> take();
  void apply(rules::PatternSet& set, Changes changes);
  void drop_unfit(const rules::PatternSet& set, Changes& changes);

  Loop& loop_;
  rules::PatternSets* sets_;
  const QuietLanes::Lanes* lanes_ = nullptr;
  QuietLanes* quiet_ = nullptr;
  Say say_;
  base::Timer timer_;
  base::TimeUs earliest_ = 0;  // when lists may be changed again
  base::TimeUs next_notice_ = 0;
};

}  // namespace corelane::control
