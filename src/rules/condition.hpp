// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/matcher.hpp"
#include "sample/expression.hpp"

/// Conditions: `is_static !{ src 10.0.0.0/8 } or maintenance`. Terms side by side must all hold, `or` stands
/// between alternatives, ! turns a term round, braces hold a test without a name.
namespace corelane::rules {

/// What an evaluation looks at and works with; `arena` holds samples for one test at a time.
struct Evaluation {
  const sample::Context& context;
  sample::Arena& arena;
};

/// Undecided: more bytes of the connection, or its end, may make it hold or fail.
enum class Outcome : std::uint8_t { fails, undecided, holds };

/// The patterns of a test where they are texts that never change.
struct FixedTexts {
  std::vector<std::string> all;  // empty: it has others
  bool ignore_case = false;
};

/// An expression and what its samples are compared with: "path_beg /static /img".
class Test {
 public:
  Test(sample::Expression expression, Method method, std::unique_ptr<const Matcher> matcher,
       FixedTexts texts = {})
      : expression_(std::move(expression)),
        method_(method),
        matcher_(std::move(matcher)),
        texts_(std::move(texts)) {}

  /// Whether one of the values matches. A sample that is not there does not.
  Outcome judge(const Evaluation& evaluation) const;
  bool holds(const Evaluation& evaluation) const { return judge(evaluation) == Outcome::holds; }
  const sample::Expression& expression() const noexcept { return expression_; }
  Method method() const noexcept { return method_; }
  const FixedTexts& texts() const noexcept { return texts_; }
  /// Both compare the same sample, in the same way, with fixed texts.
  bool compares_as(const Test& other) const noexcept;

 private:
  bool matches(sample::Sample& sample, sample::Arena& arena) const;

  sample::Expression expression_;
  Method method_;
  std::unique_ptr<const Matcher> matcher_;  // null where the method takes no patterns
  FixedTexts texts_;
};

/// Tests of which one must hold.
struct Acl {
  std::string name;  // empty: stands in braces
  std::vector<Test> tests;
  bool used = false;

  Outcome judge(const Evaluation& evaluation) const;
};

/// Made by Acls, which must live longer.
class Condition {
 public:
  /// As HAProxy: what comes behind a term that does not hold is not looked at.
  Outcome judge(const Evaluation& evaluation) const;
  bool holds(const Evaluation& evaluation) const { return judge(evaluation) == Outcome::holds; }
  /// The tests of which one must hold, where it is no more than that; else empty.
  std::span<const Test> alternatives() const noexcept {
    return terms_.size() == 1 && !terms_[0].negated ? terms_[0].acl->tests : std::span<const Test>{};
  }
  /// What its tests need together: bits of sample::Need.
  unsigned needs() const noexcept { return needs_; }

 private:
  friend class ConditionReader;

  struct Term {
    const Acl* acl = nullptr;
    bool negated = false;
    bool ends_alternative = false;
  };
  std::vector<Term> terms_;
  unsigned needs_ = 0;
};

struct ConditionRead {
  std::optional<Condition> condition;  // none: see fault
  sample::Fault fault;                 // its position is a byte of the condition's text
};

/// The named tests that conditions may use, and those in braces.
class Acls {
 public:
  explicit Acls(const sample::Names& names) : names_(&names) {}
  Acls(const Acls&) = delete;
  Acls& operator=(const Acls&) = delete;

  /// One line of an ACL: a test. Lines of one name are alternatives. The fault's position is a byte of the
  /// line; a faulty line leaves the name known, so that it is reported once.
  std::optional<sample::Fault> add(const std::string& name, std::string_view line);

  /// Reads a condition that is to be evaluated in this phase.
  ConditionRead read(std::string_view text, const sample::Phase& phase);

  /// Those that no condition has used.
  std::vector<std::string_view> unused() const;

 private:
  friend class ConditionReader;

  Acl* find(std::string_view name);
  /// A named one, of the configuration or built in; null when there is none.
  Acl* resolve(std::string_view name);
  std::vector<std::string_view> names() const;

  const sample::Names* names_;
  std::deque<Acl> acls_;  // stay where they are
};

}  // namespace corelane::rules
