// SPDX-License-Identifier: Apache-2.0
#include "rules/condition.hpp"

namespace corelane::rules {

bool Test::matches(sample::Sample& sample, sample::Arena& arena) const {
  if (method_ == Method::found) return true;
  if (!sample::cast(sample, row_of(method_).wanted, arena)) return false;
  if (method_ == Method::boolean) return sample.integer != 0;
  return matcher_->matches(sample);
}

bool Test::holds(const Evaluation& evaluation) const {
  const sample::Input input{evaluation.context, evaluation.arena};
  sample::Cursor cursor;
  do {
    evaluation.arena.reset();
    sample::Sample sample;
    if (!expression_.evaluate(input, cursor, sample)) return false;
    if (matches(sample, evaluation.arena)) return true;
  } while (cursor.more);
  return false;
}

bool Acl::holds(const Evaluation& evaluation) const {
  for (const Test& test : tests)
    if (test.holds(evaluation)) return true;
  return false;
}

bool Condition::holds(const Evaluation& evaluation) const {
  bool all_hold = true;
  for (const Term& term : terms_) {
    if (all_hold) all_hold = term.acl->holds(evaluation) != term.negated;
    if (!term.ends_alternative) continue;
    if (all_hold) return true;
    all_hold = true;
  }
  return false;
}

}  // namespace corelane::rules
