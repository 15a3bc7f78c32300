// SPDX-License-Identifier: Apache-2.0
#include "control/pattern_updates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "proxy/pattern_changes.hpp"

namespace corelane::control {

using proxy::PatternChange;
using proxy::PatternChangeQueue;
using rules::PatternEntry;

PatternUpdates::PatternUpdates(Loop& loop, rules::PatternSets* sets) : loop_(loop), sets_(sets) {
  timer_.owner = this;
  timer_.handler = &PatternUpdates::on_timer;
  loop_.on_wake(&PatternUpdates::woken, this);
}

PatternUpdates::~PatternUpdates() {
  loop_.forget_wake(this);
  loop_.timers().stop(timer_);
}

void PatternUpdates::on_pattern_changes(void* context, io::Ring* lane_ring) {
  static_cast<PatternUpdates*>(context)->loop_.ring().wake(lane_ring);
}

void PatternUpdates::start(const QuietLanes::Lanes& lanes, QuietLanes& quiet, Say say) {
  lanes_ = &lanes;
  quiet_ = &quiet;
  say_ = std::move(say);
  woken(this);
}

void PatternUpdates::stop() {
  loop_.timers().stop(timer_);
  lanes_ = nullptr;
}

bool PatternUpdates::any_announced() const {
  return lanes_ != nullptr && std::any_of(lanes_->begin(), lanes_->end(), [](const auto& lane) {
           return lane->pattern_changes() != nullptr && lane->pattern_changes()->announced();
         });
}

// Wakes come for other reasons too.
void PatternUpdates::woken(void* context) {
  auto& self = *static_cast<PatternUpdates*>(context);
  if (self.timer_.linked() || !self.any_announced()) return;
  self.loop_.timers().set(self.timer_, std::max(self.loop_.now() + gather_us, self.earliest_));
}

void PatternUpdates::on_timer(base::Timer& timer) {
  auto& self = *static_cast<PatternUpdates*>(timer.owner);
  const base::TimeUs began = self.loop_.ring().now();
  for (auto& [number, changes] : self.take()) self.apply(self.sets_->all()[number], std::move(changes));
  const base::TimeUs ended = self.loop_.ring().now();
  self.earliest_ = ended + pause_share * (ended - began);
}

std::map<std::uint32_t, PatternUpdates::Changes> PatternUpdates::take() {
  std::map<std::uint32_t, Changes> taken;
  for (const std::unique_ptr<proxy::Lane>& lane : *lanes_) {
    PatternChangeQueue* queue = lane->pattern_changes();
    if (queue == nullptr) continue;
    queue->take_announcement();
    PatternChange change;
    std::string key, value;
    while (queue->pop(change, key, value))
      taken[change.set][key] = {change.kind == PatternChange::Kind::remove, value};
  }
  return taken;
}

// One entry that does not fit must not keep the others out. What came from outside is not told.
void PatternUpdates::drop_unfit(const rules::PatternSet& set, Changes& changes) {
  const std::size_t dropped = std::erase_if(changes, [&set](const auto& change) {
    return !change.second.removed && set.fault_of({change.first, change.second.value, 0});
  });
  if (dropped == 0 || loop_.now() < next_notice_) return;
  next_notice_ = loop_.now() + notice_interval_us;
  say_(fmt::format("Rules wanted to add entries to {} that it cannot have: {} in one moment.",
                   set.file().empty() ? fmt::to_string(*set.id()) : set.file(), dropped));
}

void PatternUpdates::apply(rules::PatternSet& set, Changes changes) {
  drop_unfit(set, changes);
  std::vector<PatternEntry> entries;
  std::unordered_set<std::string_view> there;
  bool changed = false;
  for (PatternEntry entry : set.entries()) {
    const auto wanted = changes.find(entry.pattern);
    if (wanted == changes.end()) {
      entries.push_back(entry);
      continue;
    }
    there.insert(wanted->first);
    const bool same = !wanted->second.removed && (!set.has_values() || entry.value == wanted->second.value);
    changed = changed || !same;
    if (!wanted->second.removed)
      entries.push_back(same ? entry : PatternEntry{wanted->first, wanted->second.value, 0});
  }
  for (const auto& [key, wanted] : changes) {
    if (wanted.removed || there.contains(key) || entries.size() >= entries_max) continue;
    entries.push_back({key, wanted.value, 0});
    changed = true;
  }
  if (!changed) return;
  rules::PatternSet::Change change = set.replace(rules::PatternContent::from_entries(entries));
  if (change.replaced != nullptr) quiet_->retire(std::move(change.replaced));
}

}  // namespace corelane::control
