// SPDX-License-Identifier: Apache-2.0
#include "rules/condition.hpp"

#include <algorithm>

namespace corelane::rules {

bool Test::matches(sample::Sample& sample, sample::Arena& arena) const {
  if (method_ == Method::found) return true;
  // As HAProxy: bytes are compared with a text as they are, not in hexadecimal.
  if (sample.type == sample::Type::binary && row_of(method_).wanted == sample::Type::string)
    sample.type = sample::Type::string;
  if (!sample::cast(sample, row_of(method_).wanted, arena)) return false;
  if (method_ == Method::boolean) return sample.integer != 0;
  return matcher_->matches(sample);
}

bool Test::compares_as(const Test& other) const noexcept {
  return !texts_.all.empty() && !other.texts_.all.empty() && method_ == other.method_ &&
         texts_.ignore_case == other.texts_.ignore_case && expression_.makes_text_of(other.expression_);
}

Outcome Test::judge(const Evaluation& evaluation) const {
  const sample::Input input{evaluation.context, evaluation.arena};
  sample::Cursor cursor;
  Outcome outcome = Outcome::fails;
  do {
    evaluation.arena.reset();
    sample::Sample sample;
    const bool there = expression_.evaluate(input, cursor, sample);
    if (there && matches(sample, evaluation.arena)) return Outcome::holds;
    if (cursor.may_change) outcome = Outcome::undecided;
    if (!there) return outcome;
  } while (cursor.more);
  return outcome;
}

Outcome Acl::judge(const Evaluation& evaluation) const {
  Outcome best = Outcome::fails;
  for (const Test& test : tests) {
    best = std::max(best, test.judge(evaluation));
    if (best == Outcome::holds) break;
  }
  return best;
}

namespace {

Outcome opposite(Outcome outcome) {
  if (outcome == Outcome::undecided) return outcome;
  return outcome == Outcome::holds ? Outcome::fails : Outcome::holds;
}

}  // namespace

Outcome Condition::judge(const Evaluation& evaluation) const {
  Outcome best = Outcome::fails;
  Outcome alternative = Outcome::holds;
  for (const Term& term : terms_) {
    if (alternative == Outcome::holds) {
      alternative = term.acl->judge(evaluation);
      if (term.negated) alternative = opposite(alternative);
    }
    if (!term.ends_alternative) continue;
    best = std::max(best, alternative);
    if (best == Outcome::holds) break;
    alternative = Outcome::holds;
  }
  return best;
}

}  // namespace corelane::rules
