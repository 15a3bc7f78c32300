// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sample/expression.hpp"
#include "sample/sample.hpp"

/// How a sample is compared with patterns.
namespace corelane::rules {

enum class Method : std::uint8_t {
  found,      // there is such a sample
  boolean,    // it is true
  integer,    // it is one of the values or in one of the ranges
  address,    // it is in one of the networks
  string,     // it is one of the patterns
  begin,      // it begins with one
  end,        // it ends with one
  substring,  // it contains one
  directory,  // it contains one between slashes
  domain,     // it contains one between dots
  regex,      // one matches a part of it
  length,     // so many bytes
  binary,     // it is one of the patterns, which are hexadecimal
};

struct MethodRow {
  std::string_view name;  // behind -m, and behind the name of a fetch: path_beg
  Method method;
  sample::Type wanted;  // the sample is cast to it
  bool takes_patterns;
  bool is_suffix;
  std::string_view help;
};
std::span<const MethodRow> methods() noexcept;
const MethodRow& row_of(Method method) noexcept;
/// Null: there is none of this name.
const MethodRow* find_method(std::string_view name) noexcept;

/// What a sample is compared with. Immutable, and the same for every lane. Samples have the method's type.
class Matcher {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  virtual ~Matcher() = default;
  /// The position of the pattern that the sample matches: the longest one of beginnings and networks, else
  /// the first.
  virtual std::uint32_t find(const sample::Sample& sample) const noexcept = 0;
  virtual bool matches(const sample::Sample& sample) const noexcept { return find(sample) != none; }
  /// The regular expression at that position; null for other methods.
  virtual const re2::RE2* regex(std::uint32_t) const noexcept { return nullptr; }
};

/// Good for the call that makes a matcher.
struct Pattern {
  std::string_view text;
  std::size_t position = 0;  // where a fault in it is said to be
};

struct MatcherMade {
  std::unique_ptr<const Matcher> matcher;  // null: see fault
  sample::Fault fault;
};

/// For methods that take patterns, and at least one of these.
MatcherMade make_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns);

}  // namespace corelane::rules
