// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace corelane::sample {

/// Follows the quotes and parentheses of a sample expression, whose arguments may hold what would end it.
class Nesting {
 public:
  /// What comes next is in no quotes and no parentheses, and no backslash stands before it.
  bool outside() const noexcept { return quote_ == '\0' && depth_ == 0 && !escaped_; }
  void pass(char c) noexcept;

 private:
  char quote_ = '\0';
  std::size_t depth_ = 0;
  bool escaped_ = false;
};

}  // namespace corelane::sample
