// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace corelane::rules {
namespace {

bool same_patterns(std::span<const PatternEntry> entries, std::span<const std::string_view> patterns) {
  return std::equal(
      entries.begin(), entries.end(), patterns.begin(), patterns.end(),
      [](const PatternEntry& entry, std::string_view pattern) { return entry.pattern == pattern; });
}

}  // namespace

PatternSet* PatternSets::find_file(std::string_view path) {
  const auto found = std::find_if(sets_.begin(), sets_.end(), [path](const PatternSet& set) {
    return !path.empty() && set.file() == path;
  });
  return found == sets_.end() ? nullptr : &*found;
}

PatternSet* PatternSets::find_id(std::uint32_t id) {
  const auto found =
      std::find_if(sets_.begin(), sets_.end(), [id](const PatternSet& set) { return set.id() == id; });
  return found == sets_.end() ? nullptr : &*found;
}

PatternSet* PatternSets::read_file(const std::string& path, bool has_values, sample::Fault& fault) {
  std::string text;
  if (reader_ && !reader_(path, text, fault.message)) return nullptr;
  return &sets_.emplace_back(path, std::nullopt, has_values,
                             PatternContent::from_text(std::move(text), has_values));
}

const std::string* PatternSets::text_of(const std::string& path, sample::Fault& fault) {
  const auto [known, fresh] = texts_.try_emplace(path);
  if (!fresh || !reader_ || reader_(path, known->second, fault.message)) return &known->second;
  texts_.erase(known);
  return nullptr;
}

const sample::PatternLookup* PatternSets::from_file(const std::string& path, const sample::PatternUse& use,
                                                    sample::Fault& fault) {
  PatternSet* set = find_file(path);
  if (set == nullptr) set = read_file(path, use.has_values, fault);
  if (set == nullptr) return nullptr;
  if (set->has_values() != use.has_values) {
    fault.message = fmt::format(
        "{} is also used with {} a line: a file of patterns and values is read as one "
        "by -M before its -f",
        path, set->has_values() ? "a pattern and a value" : "one pattern");
    return nullptr;
  }
  return set->use(use, fault);
}

const sample::PatternLookup* PatternSets::from_id(std::uint32_t id,
                                                  std::span<const std::string_view> patterns,
                                                  const sample::PatternUse& use, sample::Fault& fault) {
  PatternSet* set = find_id(id);
  if (set != nullptr && !same_patterns(set->entries(), patterns)) {
    fault.message = fmt::format("the id {} is that of another list of patterns", id);
    return nullptr;
  }
  if (set == nullptr) {
    std::vector<PatternEntry> entries;
    for (const std::string_view pattern : patterns) entries.push_back({pattern, {}, 0});
    set = &sets_.emplace_back(std::string(), id, false, PatternContent::from_entries(entries));
  }
  return set->use(use, fault);
}

std::optional<std::uint32_t> PatternSets::place_of(std::string_view name) {
  const PatternSet* const wanted = find(name);
  for (std::uint32_t i = 0; i < sets_.size(); ++i)
    if (&sets_[i] == wanted) return i;
  return std::nullopt;
}

void PatternSets::number() {
  std::uint32_t next = 0;
  for (PatternSet& set : sets_) {
    if (set.id()) continue;
    while (find_id(next) != nullptr) ++next;
    set.set_id(next);
  }
}

PatternSet* PatternSets::find(std::string_view name) {
  const auto found = std::find_if(sets_.begin(), sets_.end(), [name](const PatternSet& set) {
    return set.id() && fmt::format("{}", *set.id()) == name;
  });
  return found != sets_.end() ? &*found : find_file(name);
}

}  // namespace corelane::rules
