// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "rules/matcher.hpp"
#include "rules/pattern_content.hpp"
#include "sample/pattern_source.hpp"

namespace corelane::rules {

/// A list's patterns as one of its users compares samples with them, and a map's values as they want them.
struct PatternIndex {
  std::unique_ptr<const Matcher> matcher;  // null: there is no pattern
  std::vector<std::int64_t> integers;      // by entry, where these are wanted
  std::vector<base::Endpoint> addresses;
};

/// A list at one moment: the entries, and an index for each of its uses.
struct PatternSnapshot {
  std::unique_ptr<const PatternContent> content;
  std::vector<PatternIndex> indexes;
};

/// One list of patterns, of a file or an id, with all uses of it.
///
/// Lanes take the present snapshot once for each lookup (an acquire load of `current_`), and nothing they get
/// from it outlives the turn of their loop. Only one thread changes a list: it makes a whole new snapshot,
/// publishes it (a release store) and gets the old one back, which it may free once every lane has begun
/// another turn since. So a lookup sees all of a change or nothing of it, and never waits.
class PatternSet {
 public:
  PatternSet(std::string file, std::optional<std::uint32_t> id, bool has_values,
             std::unique_ptr<const PatternContent> content);
  PatternSet(const PatternSet&) = delete;
  PatternSet& operator=(const PatternSet&) = delete;

  const std::string& file() const noexcept { return file_; }  // empty: it has an id alone
  std::optional<std::uint32_t> id() const noexcept { return id_; }
  void set_id(std::uint32_t id) noexcept { id_ = id; }
  bool has_values() const noexcept { return has_values_; }
  bool is_map() const noexcept;  // somebody wants the values

  /// Before lanes start: one more use, or the same again. Null: `fault`.
  const sample::PatternLookup* use(const sample::PatternUse& use, sample::Fault& fault);

  /// The thread that changes it.
  std::span<const PatternEntry> entries() const noexcept { return latest_->content->entries(); }

  /// What a text matches by one use.
  struct Match {
    std::string_view method;
    bool ignore_case = false;
    const PatternEntry* entry = nullptr;  // null: nothing
  };
  std::vector<Match> matches(std::string_view text) const;

  /// What is wrong with one entry that the list does not have; none: it may have it.
  std::optional<sample::Fault> fault_of(const PatternEntry& entry) const;

  struct Change {
    std::unique_ptr<const PatternSnapshot> replaced;  // null: see fault
    sample::Fault fault;                              // names the line or the entry
  };
  /// All of the new content, or nothing of it where an entry is faulty.
  Change replace(std::unique_ptr<const PatternContent> content);

 private:
  friend class SetLookup;

  /// PatternUse, with texts that stay.
  struct Use {
    Method method;
    bool ignore_case;
    bool is_map;
    bool replaces_groups;
    sample::Type output;

    friend bool operator==(const Use&, const Use&) = default;
  };

  static std::optional<sample::Fault> make_index(const Use& use, std::span<const PatternEntry> entries,
                                                 PatternIndex& index);
  /// "FILE:LINE: what is wrong"
  std::string place_of(const PatternEntry& entry, std::string_view text) const;

  std::string file_;
  std::optional<std::uint32_t> id_;
  bool has_values_;
  std::vector<Use> uses_;
  std::deque<std::unique_ptr<sample::PatternLookup>> lookups_;  // by use
  std::unique_ptr<PatternSnapshot> latest_;
  std::atomic<const PatternSnapshot*> current_;  // latest_, for lanes
};

}  // namespace corelane::rules
