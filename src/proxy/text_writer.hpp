// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/lane_state.hpp"
#include "proxy/rule_run.hpp"
#include "rules/template.hpp"
#include "sample/numbers.hpp"

namespace corelane::proxy {

/// Text in memory of the lane.
class TextWriter {
 public:
  explicit TextWriter(std::span<char> memory) : memory_(memory) {}

  void append(std::string_view text) {
    fits_ = fits_ && text.size() <= memory_.size() - used_;
    if (!fits_) return;
    std::copy(text.begin(), text.end(), memory_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += text.size();
  }
  void append(const rules::Template& text, const rules::Evaluation& evaluation) {
    fits_ = fits_ && text.append_to(evaluation, memory_, used_);
  }
  /// As it may stand in a URI: what may not is encoded.
  void append_uri(std::string_view text) {
    for (const char c : text) {
      if (c > ' ' && c < 0x7f) {
        append({&c, 1});
        continue;
      }
      char digits[3] = {'%'};
      sample::write_hex({&c, 1}, digits + 1);
      append({digits, sizeof(digits)});
    }
  }
  void append_number(std::uint64_t number) {
    const fmt::format_int digits(number);
    append({digits.data(), digits.size()});
  }

  bool fits() const { return fits_; }
  std::string_view text() const { return {memory_.data(), used_}; }

 private:
  std::span<char> memory_;
  std::size_t used_ = 0;
  bool fits_ = true;
};

/// The text of a rule with its samples, in memory of the lane: one at a time.
class RuleText {
 public:
  RuleText(RuleRun& run, const config::CompiledRule& rule) : text_(run.lane().rules->text) {
    text_.append(rule.text, run.evaluation(rule.text.needs()));
  }

  bool fits() const { return text_.fits(); }
  std::string_view text() const { return text_.text(); }

 private:
  TextWriter text_;
};

}  // namespace corelane::proxy
