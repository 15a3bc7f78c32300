// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proto/http_edit.hpp"
#include "proxy/lane_rules.hpp"

namespace corelane::proxy {

/// How a list goes on after a rule of it.
enum class Verdict : std::uint8_t {
  next,      // with the next rule
  stop,      // not at all: what comes behind is not looked at
  answered,  // the client gets RuleRun::status, as LaneRules::answer or, where that is empty, its error page
};

/// One pass over lists of rules, for one message. Rules change the request's head for those behind them: what
/// they change is collected, and carried out when something is about to look at the head.
class RuleRun {
 public:
  explicit RuleRun(const RuleInput& input);
  RuleRun(const RuleRun&) = delete;
  RuleRun& operator=(const RuleRun&) = delete;

  /// Looks at the rules in their order.
  Verdict look_at(const std::vector<config::CompiledRule>& rules);
  /// Carries out what is still to be. False: that is not possible, the request gets 500.
  bool finish() { return carry_out(); }

  const RuleInput& input() const noexcept { return input_; }
  LaneState& lane() const noexcept { return input_.lane; }
  /// With every change up to now, where `needs` (bits of sample::Need) have to do with the head.
  rules::Evaluation evaluation(unsigned needs);
  /// Likewise.
  const proto::HttpRequestHead& request();
  sample::VariableScopes& variables() noexcept { return scene_.variables(); }

  /// The field is there once, or not at all where `value` is null; or once more. The name lives as long as
  /// the run. A value that no field can have is left out.
  void set_field(std::string_view name, const std::string_view* value);
  void add_field(std::string_view name, std::string_view value);

  /// A change is not possible.
  Verdict fail() noexcept {
    failed_ = true;
    return Verdict::next;
  }

  std::uint16_t status = 0;

 private:
  bool carry_out();
  void note_added(std::string_view name);
  bool was_added(std::string_view name) const;

  RuleInput input_;
  RuleScene scene_;
  std::array<std::string_view, 16> added_;  // fields, since changes were carried out
  std::size_t added_count_ = 0;
  unsigned next_head_ = 0;  // of LaneRules::heads
  bool pending_ = false;
  bool failed_ = false;  // a change was not possible
};

/// What an action does. One function for each, in the table of actions.cpp.
using ActionFunction = Verdict(RuleRun& run, const config::CompiledRule& rule);
ActionFunction* function_of(rules::Action action) noexcept;

}  // namespace corelane::proxy
