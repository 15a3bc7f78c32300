// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace corelane::rules {

/// One line of a list, as views into the content that has it.
struct PatternEntry {
  std::string_view pattern;
  std::string_view value;  // of maps
  std::uint32_t line = 0;  // of the file; 0: it came while the process ran
};

/// What a list holds, with the memory for it. Never changes.
class PatternContent {
 public:
  /// A file's text: lines that are empty or begin with # are passed over, and blanks before a pattern. With
  /// values a pattern ends at the first blank, and what follows is its value, without blanks around it.
  static std::unique_ptr<const PatternContent> from_text(std::string text, bool with_values);
  /// A copy of these.
  static std::unique_ptr<const PatternContent> from_entries(std::span<const PatternEntry> entries);

  PatternContent(const PatternContent&) = delete;
  PatternContent& operator=(const PatternContent&) = delete;

  std::span<const PatternEntry> entries() const noexcept { return entries_; }

 private:
  PatternContent() = default;
  void take_line(std::string_view line, bool with_values, std::uint32_t number);

  std::string text_;
  std::vector<PatternEntry> entries_;  // into text_
};

}  // namespace corelane::rules
