// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace corelane::check {

/// A regular expression over bytes (RE2: linear in the input, whatever the expression).
class Pattern {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// The expression must be sound: fault() says so.
  explicit Pattern(const std::string& expression);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  /// What is wrong with the expression; empty when nothing is.
  static std::string fault(const std::string& expression);

  /// How long the shortest beginning of `text` is that has a match, or `none`.
  std::size_t first_end(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace corelane::check
