// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sample/replacement.hpp"

namespace corelane::rules {

/// One use of a list.
class SetLookup final : public sample::PatternLookup {
 public:
  SetLookup(const PatternSet& set, std::size_t place, const PatternSet::Use& use)
      : set_(set), place_(place), use_(use) {}

  bool matches(const sample::Sample& sample) const noexcept override {
    const PatternSnapshot* snapshot = set_.current_.load(std::memory_order_acquire);
    const Matcher* matcher = snapshot->indexes[place_].matcher.get();
    return matcher != nullptr && matcher->matches(sample);
  }

  bool replace(sample::Sample& sample, sample::Arena& arena) const noexcept override {
    const PatternSnapshot* snapshot = set_.current_.load(std::memory_order_acquire);
    const PatternIndex& index = snapshot->indexes[place_];
    const std::uint32_t found = index.matcher == nullptr ? Matcher::none : index.matcher->find(sample);
    if (found == Matcher::none) return false;
    const std::string_view value = snapshot->content->entries()[found].value;
    if (use_.replaces_groups)
      return sample::fill_in_groups(*index.matcher->regex(found), value, arena, sample);
    if (use_.output == sample::Type::sint) {
      sample.set(index.integers[found]);
    } else if (use_.output == sample::Type::address) {
      sample.set(index.addresses[found]);
    } else {
      sample.set(value);
    }
    return true;
  }

 private:
  const PatternSet& set_;
  std::size_t place_;
  PatternSet::Use use_;
};

namespace {

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A value for each entry; a fault where one is none.
template <class Value, class Read>
std::optional<sample::Fault> read_values(std::span<const PatternEntry> entries, std::vector<Value>& values,
                                         std::string_view what, Read read) {
  values.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::optional<Value> value = read(entries[i].value);
    if (!value)
      return sample::Fault{i, fmt::format("the value \"{}\" is not {}", entries[i].value, what), {}, {}};
    values.push_back(*value);
  }
  return std::nullopt;
}

/// What a list holds as a sample of this type, as far as it can be one.
bool sample_of(std::string_view text, sample::Type type, sample::Sample& sample, sample::Arena& arena) {
  sample.set(text);
  return sample::cast(sample, type, arena);
}

}  // namespace

PatternSet::PatternSet(std::string file, std::optional<std::uint32_t> id, bool has_values,
                       std::unique_ptr<const PatternContent> content)
    : file_(std::move(file)),
      id_(id),
      has_values_(has_values),
      latest_(std::make_unique<PatternSnapshot>()),
      current_(latest_.get()) {
  latest_->content = std::move(content);
}

bool PatternSet::is_map() const noexcept {
  return std::any_of(uses_.begin(), uses_.end(), [](const Use& use) { return use.is_map; });
}

std::optional<sample::Fault> PatternSet::make_index(const Use& use, std::span<const PatternEntry> entries,
                                                    PatternIndex& index) {
  if (entries.empty()) return std::nullopt;
  std::vector<Pattern> patterns;
  patterns.reserve(entries.size());
  for (const PatternEntry& entry : entries) patterns.push_back({entry.pattern, patterns.size()});
  MatcherMade made = make_matcher(use.method, use.ignore_case, patterns);
  if (made.matcher == nullptr) return std::move(made.fault);
  index.matcher = std::move(made.matcher);
  if (!use.is_map) return std::nullopt;
  if (use.output == sample::Type::sint) return read_values(entries, index.integers, "an integer", integer_of);
  if (use.output == sample::Type::address) {
    return read_values(entries, index.addresses, "an IP address",
                       [](std::string_view text) { return base::endpoint_from_ip(text, 0); });
  }
  return std::nullopt;
}

const sample::PatternLookup* PatternSet::use(const sample::PatternUse& use, sample::Fault& fault) {
  const Use wanted{find_method(use.method)->method, use.ignore_case, use.is_map, use.replaces_groups,
                   use.output};
  const auto known = std::find(uses_.begin(), uses_.end(), wanted);
  if (known != uses_.end()) return lookups_[static_cast<std::size_t>(known - uses_.begin())].get();
  PatternIndex index;
  if (auto refused = make_index(wanted, entries(), index)) {
    fault = std::move(*refused);
    fault.message = place_of(entries()[fault.position], fault.message);
    fault.position = 0;
    return nullptr;
  }
  latest_->indexes.push_back(std::move(index));
  uses_.push_back(wanted);
  return lookups_.emplace_back(std::make_unique<SetLookup>(*this, uses_.size() - 1, wanted)).get();
}

std::string PatternSet::place_of(const PatternEntry& entry, std::string_view text) const {
  if (file_.empty() || entry.line == 0) return std::string(text);
  return fmt::format("{}:{}: {}", file_, entry.line, text);
}

std::vector<PatternSet::Match> PatternSet::matches(std::string_view text) const {
  std::vector<Match> result;
  std::array<char, 256> memory;
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    const MethodRow& row = row_of(uses_[i].method);
    Match& match = result.emplace_back(Match{row.name, uses_[i].ignore_case, nullptr});
    sample::Arena arena(memory);
    sample::Sample sample;
    const Matcher* matcher = latest_->indexes[i].matcher.get();
    if (matcher == nullptr || !sample_of(text, row.wanted, sample, arena)) continue;
    const std::uint32_t found = matcher->find(sample);
    if (found != Matcher::none) match.entry = &entries()[found];
  }
  return result;
}

std::optional<sample::Fault> PatternSet::fault_of(const PatternEntry& entry) const {
  for (const Use& use : uses_) {
    PatternIndex index;
    if (auto fault = make_index(use, {&entry, 1}, index)) return fault;
  }
  return std::nullopt;
}

PatternSet::Change PatternSet::replace(std::unique_ptr<const PatternContent> content) {
  auto snapshot = std::make_unique<PatternSnapshot>();
  snapshot->content = std::move(content);
  for (const Use& use : uses_) {
    const std::span<const PatternEntry> entries = snapshot->content->entries();
    auto fault = make_index(use, entries, snapshot->indexes.emplace_back());
    if (!fault) continue;
    const PatternEntry& entry = entries[fault->position];
    fault->message = entry.line == 0 ? fmt::format("\"{}\": {}", entry.pattern, fault->message)
                                     : fmt::format("line {}: {}", entry.line, fault->message);
    return {nullptr, std::move(*fault)};
  }
  current_.store(snapshot.get(), std::memory_order_release);
  return {std::exchange(latest_, std::move(snapshot)), {}};
}

}  // namespace corelane::rules
