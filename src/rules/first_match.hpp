// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "rules/condition.hpp"

namespace corelane::rules {

/// Which of several conditions, in their order, is the first that holds. Neighbours that compare the same
/// sample with texts (`{ path_beg /a }`, `{ path_beg /b }`, ...; -m str, beg and end) are looked up together:
/// a hundred of them cost little more than one. Immutable, and the same for every lane.
class FirstMatch {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  /// Fewer neighbours are asked one by one.
  static constexpr std::size_t run_rules_min = 4;

  struct Rule {
    const Condition* condition = nullptr;  // lives longer; null: always
    bool negated = false;
  };

  FirstMatch() = default;
  explicit FirstMatch(std::vector<Rule> rules);

  /// The number of the first rule from `from` on that applies, or `none`. Undecided conditions do not.
  std::uint32_t find(const Evaluation& evaluation, std::uint32_t from = 0) const;

 private:
  /// Neighbours that one look-up answers for.
  struct Run {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    const Test* test = nullptr;              // makes the sample, as all of them do
    std::unique_ptr<const Matcher> matcher;  // has the patterns of all
    std::vector<std::uint32_t> rule_of;      // by pattern

    std::uint32_t find(const Evaluation& evaluation) const;
  };

  bool applies(const Rule& rule, const Evaluation& evaluation) const;
  void add_run(std::uint32_t begin, std::uint32_t end);

  std::vector<Rule> rules_;
  std::vector<Run> runs_;  // by where they begin
};

}  // namespace corelane::rules
