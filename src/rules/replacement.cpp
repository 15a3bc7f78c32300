// SPDX-License-Identifier: Apache-2.0
#include "rules/replacement.hpp"

#include "sample/replacement.hpp"

namespace corelane::rules {

bool matches(const re2::RE2& regex, std::string_view text) {
  return regex.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

Replaced replace_match(const re2::RE2& regex, std::string_view text, std::string_view format,
                       sample::Arena& arena, std::string_view& result) {
  if (!matches(regex, text)) return Replaced::no_match;
  sample::Sample sample;
  sample.set(text);
  if (!sample::fill_in_groups(regex, format, arena, sample)) return Replaced::too_long;
  result = sample.text;
  return Replaced::done;
}

}  // namespace corelane::rules
