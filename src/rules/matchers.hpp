// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/matcher.hpp"

/// The makers behind make_matcher(), by kind.
namespace corelane::rules {

/// integer and length
MatcherMade make_number_matcher(Method method, std::span<const Pattern> patterns);
MatcherMade make_network_matcher(std::span<const Pattern> patterns);
/// string, begin, end and binary
MatcherMade make_text_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns);
/// string, begin and end; find() says the first of all the patterns that match, of beginnings too.
std::unique_ptr<const Matcher> make_first_text_matcher(Method method, bool ignore_case,
                                                       std::span<const Pattern> patterns);
/// substring, directory and domain
MatcherMade make_search_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns);
MatcherMade make_regex_matcher(bool ignore_case, std::span<const Pattern> patterns);

inline MatcherMade refuse_pattern(const Pattern& pattern, std::string message) {
  return {nullptr, {pattern.position, std::move(message), {}, {}}};
}

}  // namespace corelane::rules
