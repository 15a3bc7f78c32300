// SPDX-License-Identifier: Apache-2.0
#include "proxy/rule_run.hpp"

#include <algorithm>

#include "proto/http_tokens.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

constexpr unsigned head_needs = sample::need_request | sample::need_response | sample::need_head;
constexpr std::uint16_t status_of_failure = 500;
// What is still to be said of the connection has to fit behind it.
constexpr std::uint32_t changed_bytes_max = HeadBlocks::bytes_max - 512;

/// Where the message ends: no rule changes that.
bool same_framing(const proto::HttpHead& before, const proto::HttpHead& after) {
  return before.framing == after.framing && before.content_length == after.content_length &&
         before.version == after.version;
}

bool same_kind(proto::HttpMethod before, proto::HttpMethod after) {
  using proto::HttpMethod;
  const auto special = [](HttpMethod method) {
    return method == HttpMethod::head || method == HttpMethod::connect;
  };
  return before == after || (!special(before) && !special(after));
}

/// A response that ends the exchange stays one, and one that begins a tunnel.
bool same_kind(std::uint16_t before, std::uint16_t after, proto::HttpMethod method) {
  const auto is_success = [](std::uint16_t status) { return status >= 200 && status < 300; };
  if (before == after) return true;
  if (before < 200 || after < 200) return false;
  return method != proto::HttpMethod::connect || is_success(before) == is_success(after);
}

}  // namespace

proto::HttpReadOptions options_of_changed(const RuleInput& input) {
  const HttpLane& http = *input.lane.http;
  proto::HttpReadOptions options = input.response == nullptr ? http.request_options[input.session.frontend]
                                   : input.backend == config::no_index ? proto::HttpReadOptions()
                                                                       : http.response_options[input.backend];
  options.limits.head_bytes = changed_bytes_max;
  options.limits.uri_bytes = changed_bytes_max;
  options.limits.fields = proto::http_fields_max;
  return options;
}

bool is_field_value(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  return proto::http::skip_value(text.data(), end) == end;
}

// What other rules made of the head may lie in one of the two places.
RuleRun::RuleRun(const RuleInput& input, bool edited) : input_(input), scene_(input), pending_(edited) {
  if (input_.head() == nullptr) return;
  const std::string_view head = input_.head()->bytes;
  if (head.data() == lane().rules->heads[0].data()) next_head_ = 1;
  if (edited) {
    (void)carry_out();
  } else {
    lane().http->edits.begin(head, lane().http->texts);
  }
}

Verdict RuleRun::look_at(const std::vector<config::CompiledRule>& rules, std::size_t first) {
  for (std::size_t i = first; i < rules.size(); ++i) {
    const config::CompiledRule& rule = rules[i];
    if (rule.when.condition) {
      const rules::Outcome outcome = rule.when.judge(evaluation(rule.when.needs()));
      if (outcome == rules::Outcome::undecided) return Verdict::wait;
      if (outcome == rules::Outcome::fails) continue;
    }
    if (rules::row_of(rule.action).decides)
      lane().rules->ruled[lane().streams.slot(input_.session.stream)].last_rule_line = rule.rule->line.number;
    const Verdict verdict = function_of(rule.action)(*this, rule);
    if (failed_) break;
    wait.next = static_cast<std::uint32_t>(i + 1);
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

const proto::HttpHead& RuleRun::head() {
  if (pending_) (void)carry_out();
  return *input_.head();
}

const proto::HttpRequestHead& RuleRun::request() {
  (void)head();
  return *input_.request;
}

const proto::HttpResponseHead& RuleRun::response() {
  (void)head();
  return *input_.response;
}

Verdict RuleRun::fail() noexcept {
  failed_ = failed_ || strict_;
  return Verdict::next;
}

/// Takes the text, which lies in the next place, for the head. False: it is none, or one that would mean
/// something else for what follows it.
bool RuleRun::take_changed(std::string_view text) {
  LaneRules& scratch = *lane().rules;
  proto::HttpHeadProgress progress;
  proto::HttpRead read;
  if (input_.response == nullptr) {
    proto::HttpRequestHead& next = scratch.requests[next_head_];
    read = proto::read_request_head(text, options_of_changed(input_), next, progress);
    if (read.state != proto::HttpRead::State::head || !same_framing(*input_.request, next) ||
        !same_kind(input_.request->method, next.method))
      return false;
    input_.request = &next;
  } else {
    proto::HttpResponseHead& next = scratch.responses[next_head_];
    read = proto::read_response_head(text, options_of_changed(input_), input_.method, next, progress);
    if (read.state != proto::HttpRead::State::head || !same_framing(*input_.response, next) ||
        !same_kind(input_.response->status, next.status, input_.method))
      return false;
    input_.response = &next;
  }
  return true;
}

// The new head is written beside the present one, which it is made of, and read like one that came: nothing
// that a rule makes can mean something else to a server or a client than to us.
bool RuleRun::carry_out() {
  if (!pending_) return !failed_;
  pending_ = false;
  added_count_ = 0;
  proto::HttpHeadEdits& edits = lane().http->edits;
  const std::span<char> memory = lane().rules->heads[next_head_];
  const std::string_view text(memory.data(), edits.write_to(memory));
  if (!text.empty() && take_changed(text)) {
    next_head_ ^= 1;
    scene_.set_head(input_);
  } else {
    (void)fail();
  }
  edits.begin(input_.head()->bytes, lane().http->texts);
  return !failed_;
}

void RuleRun::remove(const proto::HttpField& field) {
  if (!lane().http->edits.remove(field)) (void)fail();
  pending_ = true;
}

// A text that cannot stand there is left out.
void RuleRun::replace(std::string_view part, std::string_view text) {
  if (!is_field_value(text)) return;
  if (!lane().http->edits.replace(part, text)) (void)fail();
  pending_ = true;
}

void RuleRun::set_field(std::string_view name, const std::string_view* value) {
  if (was_added(name) && !carry_out()) return;
  for (const proto::HttpField& field : input_.head()->fields)
    if (proto::http_same_name(field.name, name)) remove(field);
  if (value != nullptr) add_field(name, *value);
}

void RuleRun::add_field(std::string_view name, std::string_view value) {
  if (!is_field_value(value)) return;
  if (!lane().http->edits.add_field(name, value)) (void)fail();
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
