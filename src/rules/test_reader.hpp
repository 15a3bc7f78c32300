// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "rules/condition.hpp"
#include "rules/words.hpp"

namespace corelane::rules {

struct TestRead {
  std::optional<Test> test;  // none: see fault
  sample::Fault fault;
};

/// Reads an expression, flags and patterns: up to a word }, which is taken, where one must close the test,
/// else to the end.
TestRead read_test(WordReader& words, const sample::Names& names, bool in_braces);

}  // namespace corelane::rules
