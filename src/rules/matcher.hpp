// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
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

/// What a sample is compared with. Immutable, and the same for every lane.
class Matcher {
 public:
  virtual ~Matcher() = default;
  /// The sample has the method's type.
  virtual bool matches(const sample::Sample& sample) const noexcept = 0;
};

struct Pattern {
  std::string text;
  std::size_t position = 0;  // where a fault in it is said to be
};

struct MatcherMade {
  std::unique_ptr<const Matcher> matcher;  // null: see fault
  sample::Fault fault;
};

/// For methods that take patterns, and at least one of these.
MatcherMade make_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns);

}  // namespace corelane::rules
