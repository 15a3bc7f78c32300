// SPDX-License-Identifier: Apache-2.0
#include "proxy/rule_run.hpp"

#include <algorithm>

#include "proto/http_tokens.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

constexpr unsigned head_needs = sample::need_request | sample::need_response | sample::need_head;
constexpr std::uint16_t status_of_failure = 500;

/// What the head may have become; how long it may be as it comes is for the reader of the connection.
proto::HttpReadOptions options_of_changed(const RuleInput& input) {
  proto::HttpReadOptions options = input.lane.http->request_options[input.session.frontend];
  options.limits.head_bytes = HeadBlocks::bytes_max;
  options.limits.uri_bytes = HeadBlocks::bytes_max;
  options.limits.fields = proto::http_fields_max;
  return options;
}

bool is_field_value(std::string_view text) {
  const char* end = text.data() + text.size();
  return proto::http::skip_value(text.data(), end) == end;
}

}  // namespace

// What other rules made of the head may lie in one of the two places.
RuleRun::RuleRun(const RuleInput& input) : input_(input), scene_(input) {
  if (input_.request == nullptr) return;
  const std::string_view head = input_.request->bytes;
  if (head.data() == lane().rules->heads[0].data()) next_head_ = 1;
  lane().http->edits.begin(head, lane().http->texts);
}

Verdict RuleRun::look_at(const std::vector<config::CompiledRule>& rules) {
  for (const config::CompiledRule& rule : rules) {
    if (rule.when.condition && !rule.when.applies(evaluation(rule.when.needs()))) continue;
    const Verdict verdict = function_of(rule.action)(*this, rule);
    if (failed_) break;
    if (verdict != Verdict::next) return verdict;
  }
  if (!failed_) return Verdict::next;
  lane().rules->answer = {};
  status = status_of_failure;
  return Verdict::answered;
}

rules::Evaluation RuleRun::evaluation(unsigned needs) {
  if (pending_ && (needs & head_needs) != 0) (void)carry_out();
  return scene_.evaluation();
}

const proto::HttpRequestHead& RuleRun::request() {
  if (pending_) (void)carry_out();
  return *input_.request;
}

// The new head is written beside the present one, which it is made of, and read like one that came: nothing
// that a rule makes can mean something else to a server than to us.
bool RuleRun::carry_out() {
  if (!pending_) return !failed_;
  pending_ = false;
  added_count_ = 0;
  proto::HttpHeadEdits& edits = lane().http->edits;
  LaneRules& scratch = *lane().rules;
  const std::span<char> memory = scratch.heads[next_head_];
  const std::string_view head(memory.data(), edits.write_to(memory));
  proto::HttpHeadProgress progress;
  const bool read =
      !head.empty() &&
      proto::read_request_head(head, options_of_changed(input_), scratch.request, progress).state ==
          proto::HttpRead::State::head;
  if (!read) {
    failed_ = true;
    return false;
  }
  next_head_ ^= 1;
  input_.request = &scratch.request;
  scene_.set_request(scratch.request);
  edits.begin(scratch.request.bytes, lane().http->texts);
  return true;
}

void RuleRun::set_field(std::string_view name, const std::string_view* value) {
  if (was_added(name) && !carry_out()) return;
  proto::HttpHeadEdits& edits = lane().http->edits;
  for (const proto::HttpField& field : input_.request->fields) {
    if (!proto::http_same_name(field.name, name)) continue;
    failed_ = failed_ || !edits.remove(field);
    pending_ = true;
  }
  if (value != nullptr) add_field(name, *value);
}

void RuleRun::add_field(std::string_view name, std::string_view value) {
  if (!is_field_value(value)) return;
  failed_ = failed_ || !lane().http->edits.add_field(name, value);
  pending_ = true;
  note_added(name);
}

void RuleRun::note_added(std::string_view name) {
  if (added_count_ == added_.size()) {
    (void)carry_out();
  } else {
    added_[added_count_++] = name;
  }
}

bool RuleRun::was_added(std::string_view name) const {
  return std::any_of(added_.begin(), added_.begin() + static_cast<std::ptrdiff_t>(added_count_),
                     [name](std::string_view added) { return proto::http_same_name(added, name); });
}

}  // namespace corelane::proxy
