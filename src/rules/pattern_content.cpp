// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_content.hpp"

#include <algorithm>
#include <utility>

namespace corelane::rules {
namespace {

constexpr std::string_view blanks = " \t";

}  // namespace

std::unique_ptr<const PatternContent> PatternContent::from_text(std::string text, bool with_values) {
  std::unique_ptr<PatternContent> content(new PatternContent);
  content->text_ = std::move(text);
  const std::string_view all = content->text_;
  content->entries_.reserve(static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n')) + 1);
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    content->take_line(all.substr(at, end - at), with_values, ++number);
    at = end + 1;
  }
  return content;
}

void PatternContent::take_line(std::string_view line, bool with_values, std::uint32_t number) {
  if (line.starts_with('#')) return;
  line = line.substr(0, line.find('\r'));
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  if (line.empty()) return;
  PatternEntry entry{line, {}, number};
  if (with_values) {
    entry.pattern = line.substr(0, line.find_first_of(blanks));
    entry.value = line.substr(entry.pattern.size());
    entry.value.remove_prefix(std::min(entry.value.find_first_not_of(blanks), entry.value.size()));
    entry.value = entry.value.substr(0, entry.value.find_last_not_of(blanks) + 1);
  }
  entries_.push_back(entry);
}

std::unique_ptr<const PatternContent> PatternContent::from_entries(std::span<const PatternEntry> entries) {
  std::unique_ptr<PatternContent> content(new PatternContent);
  std::size_t size = 0;
  for (const PatternEntry& entry : entries) size += entry.pattern.size() + entry.value.size();
  content->text_.reserve(size);
  content->entries_.reserve(entries.size());
  const auto copy = [&text = content->text_](std::string_view part) {
    const std::size_t begin = text.size();
    text += part;
    return std::string_view(text.data() + begin, part.size());
  };
  for (const PatternEntry& entry : entries) {
    const std::string_view pattern = copy(entry.pattern);
    content->entries_.push_back({pattern, copy(entry.value), entry.line});
  }
  return content;
}

}  // namespace corelane::rules
