// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proto/http_edit.hpp"
#include "proxy/lane_rules.hpp"
#include "proxy/rule_wait.hpp"

namespace corelane::proxy {

/// How a list goes on after a rule of it.
enum class Verdict : std::uint8_t {
  next,      // with the next rule
  stop,      // not at all: what comes behind is not looked at
  wait,      // nothing can be said before more bytes have come
  answered,  // the connection is over, or the client gets RuleRun::status, as LaneRules::answer or, where
             // that is empty, its error page
};

/// One pass over lists of rules, for one message. Rules change the request's head for those behind them: what
/// they change is collected, and carried out when something is about to look at the head.
class RuleRun {
 public:
  /// Where `edited`, changes of the head were noted in HttpLane::edits already.
  explicit RuleRun(const RuleInput& input, bool edited = false);
  RuleRun(const RuleRun&) = delete;
  RuleRun& operator=(const RuleRun&) = delete;

  /// Looks at the rules in their order, from that one on.
  Verdict look_at(const std::vector<config::CompiledRule>& rules, std::size_t first = 0);
  /// Carries out what is still to be. False: that is not possible, the request gets 500.
  bool finish() { return carry_out(); }

  const RuleInput& input() const noexcept { return input_; }
  LaneState& lane() const noexcept { return input_.lane; }
  /// With every change up to now, where `needs` (bits of sample::Need) have to do with the head.
  rules::Evaluation evaluation(unsigned needs);
  /// The head, likewise.
  const proto::HttpHead& head();
  const proto::HttpRequestHead& request();
  const proto::HttpResponseHead& response();
  bool is_response() const noexcept { return input_.response != nullptr; }
  sample::VariableScopes& variables() noexcept { return scene_.variables(); }

  /// The field is there once, or not at all where `value` is null; or once more. The name lives as long as
  /// the run. A value that no field can have is left out.
  void set_field(std::string_view name, const std::string_view* value);
  void add_field(std::string_view name, std::string_view value);
  void remove(const proto::HttpField& field);
  /// Puts the text in the place of a part of head(), with which nothing may have happened since.
  void replace(std::string_view part, std::string_view text);

  /// A change is not possible.
  Verdict fail() noexcept;
  /// Whether that ends the exchange.
  void set_strict(bool strict) noexcept { strict_ = strict; }
  bool strict() const noexcept { return strict_; }

  std::uint16_t status = 0;
  bool held = false;  // the answer goes out after the time-out `tarpit`
  RuleWait wait;      // of an HTTP message: how Verdict::wait ends, and the rule behind that one

 private:
  bool carry_out();
  bool take_changed(std::string_view text);
  void note_added(std::string_view name);
  bool was_added(std::string_view name) const;

  RuleInput input_;
  RuleScene scene_;
  std::array<std::string_view, 16> added_;  // fields, since changes were carried out
  std::size_t added_count_ = 0;
  unsigned next_head_ = 0;  // of LaneRules::heads
  bool pending_ = false;
  bool strict_ = true;
  bool failed_ = false;  // a change was not possible
};

/// How a head is read that rules have changed; how long it may be as it comes is for the reader of the
/// connection.
proto::HttpReadOptions options_of_changed(const RuleInput& input);

/// Whether the text may be a field's value.
bool is_field_value(std::string_view text) noexcept;

/// What an action does. One function for each, in the table of actions.cpp.
using ActionFunction = Verdict(RuleRun& run, const config::CompiledRule& rule);
ActionFunction* function_of(rules::Action action) noexcept;

}  // namespace corelane::proxy
