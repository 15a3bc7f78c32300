// SPDX-License-Identifier: Apache-2.0
#include "rules/first_match.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "rules/matchers.hpp"

namespace corelane::rules {
namespace {

/// Its tests, where they all compare the same sample with texts; else empty.
std::span<const Test> text_tests(const FirstMatch::Rule& rule) {
  if (rule.condition == nullptr || rule.negated) return {};
  const std::span<const Test> tests = rule.condition->alternatives();
  const bool alike =
      std::ranges::all_of(tests, [&](const Test& test) { return test.compares_as(tests.front()); });
  return alike ? tests : std::span<const Test>{};
}

}  // namespace

FirstMatch::FirstMatch(std::vector<Rule> rules) : rules_(std::move(rules)) {
  const auto count = static_cast<std::uint32_t>(rules_.size());
  for (std::uint32_t begin = 0; begin < count;) {
    const std::span<const Test> first = text_tests(rules_[begin]);
    std::uint32_t end = begin + 1;
    for (; end < count && !first.empty(); ++end) {
      const std::span<const Test> next = text_tests(rules_[end]);
      if (next.empty() || !next.front().compares_as(first.front())) break;
    }
    if (end - begin >= run_rules_min) add_run(begin, end);
    begin = end;
  }
}

void FirstMatch::add_run(std::uint32_t begin, std::uint32_t end) {
  Run& run = runs_.emplace_back();
  run.begin = begin;
  run.end = end;
  run.test = &text_tests(rules_[begin]).front();
  std::vector<Pattern> patterns;
  for (std::uint32_t rule = begin; rule < end; ++rule) {
    for (const Test& test : text_tests(rules_[rule])) {
      for (const std::string& text : test.texts().all) {
        patterns.push_back({text});
        run.rule_of.push_back(rule);
      }
    }
  }
  run.matcher = make_first_text_matcher(run.test->method(), run.test->texts().ignore_case, patterns);
}

std::uint32_t FirstMatch::Run::find(const Evaluation& evaluation) const {
  const sample::Input input{evaluation.context, evaluation.arena};
  sample::Cursor cursor;
  std::uint32_t first = none;
  do {
    evaluation.arena.reset();
    sample::Sample sample;
    if (!test->expression().evaluate(input, cursor, sample)) break;
    const std::uint32_t pattern = matcher->find(sample);
    if (pattern != Matcher::none) first = std::min(first, rule_of[pattern]);
  } while (cursor.more);
  return first;
}

bool FirstMatch::applies(const Rule& rule, const Evaluation& evaluation) const {
  if (rule.condition == nullptr) return true;
  return rule.condition->judge(evaluation) == (rule.negated ? Outcome::fails : Outcome::holds);
}

std::uint32_t FirstMatch::find(const Evaluation& evaluation, std::uint32_t from) const {
  auto run = std::ranges::lower_bound(runs_, from, {}, &Run::begin);
  for (std::uint32_t i = from; i < rules_.size();) {
    if (run == runs_.end() || run->begin != i) {
      if (applies(rules_[i], evaluation)) return i;
      ++i;
      continue;
    }
    const std::uint32_t found = run->find(evaluation);
    if (found != none) return found;
    i = run->end;
    ++run;
  }
  return none;
}

}  // namespace corelane::rules
