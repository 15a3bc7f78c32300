// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sample/fault.hpp"
#include "sample/sample.hpp"

/// Lists of patterns that are kept outside of expressions, in files or under an id, and may change while the
/// process runs. The rules keep them; expressions and tests ask for them when they are made.
namespace corelane::sample {

/// What somebody wants of a list.
struct PatternUse {
  std::string_view method;  // how a sample is compared: "beg"
  bool ignore_case = false;
  bool is_map = false;           // each pattern has a value, which is wanted
  bool has_values = false;       // each line has one, wanted or not
  bool replaces_groups = false;  // \1 in a value stands for a regular expression's group
  Type output = Type::string;    // of a map's values: string, sint or address
};

/// A list as one of its users sees it: always as it is at the moment of the call, and never a part of a
/// change.
class PatternLookup {
 public:
  virtual ~PatternLookup() = default;
  /// The sample has the method's type.
  virtual bool matches(const Sample& sample) const noexcept = 0;
  /// Makes the sample the value of the pattern that it matches. False: there is none. What the sample views
  /// is good for one evaluation.
  virtual bool replace(Sample& sample, Arena& arena) const noexcept = 0;
};

class PatternSource {
 public:
  /// The one that this file holds. Null: `fault`, whose position says nothing.
  virtual const PatternLookup* from_file(const std::string& path, const PatternUse& use, Fault& fault) = 0;
  /// The one of this id, which also gets these patterns.
  virtual const PatternLookup* from_id(std::uint32_t id, std::span<const std::string_view> patterns,
                                       const PatternUse& use, Fault& fault) = 0;
  /// The place among all lists of the one that is named by its file or its id; none: nobody has asked for it
  /// yet.
  virtual std::optional<std::uint32_t> place_of(std::string_view name) = 0;
  /// What is in a file that an expression names, read once. Null: `fault`, as above.
  virtual const std::string* text_of(const std::string& path, Fault& fault) = 0;

 protected:
  ~PatternSource() = default;
};

}  // namespace corelane::sample
