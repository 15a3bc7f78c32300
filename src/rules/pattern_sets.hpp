// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "rules/pattern_set.hpp"

namespace corelane::rules {

/// All lists of patterns of a configuration. A file is read once, at its first use; asked for again, for
/// instance when the rules are compiled once more, it is the same list.
class PatternSets final : public sample::PatternSource {
 public:
  /// Reads a file. False: `failure` says why it cannot be read.
  using Reader = std::function<bool(const std::string& path, std::string& text, std::string& failure)>;

  /// Without a reader files count as empty.
  explicit PatternSets(Reader reader) : reader_(std::move(reader)) {}

  const sample::PatternLookup* from_file(const std::string& path, const sample::PatternUse& use,
                                         sample::Fault& fault) override;
  const sample::PatternLookup* from_id(std::uint32_t id, std::span<const std::string_view> patterns,
                                       const sample::PatternUse& use, sample::Fault& fault) override;

  std::optional<std::uint32_t> place_of(std::string_view name) override;
  const std::string* text_of(const std::string& path, sample::Fault& fault) override;

  /// Once all are known: those of files get the ids that are free, from 0, in the order of their first use.
  void number();
  std::deque<PatternSet>& all() noexcept { return sets_; }
  /// By its id or its file's name; null when there is none.
  PatternSet* find(std::string_view name);

 private:
  PatternSet* find_file(std::string_view path);
  PatternSet* find_id(std::uint32_t id);
  PatternSet* read_file(const std::string& path, bool has_values, sample::Fault& fault);

  Reader reader_;
  std::deque<PatternSet> sets_;  // stay where they are
  std::map<std::string, std::string> texts_;
};

}  // namespace corelane::rules
