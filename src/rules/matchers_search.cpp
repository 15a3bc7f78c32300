// SPDX-License-Identifier: Apache-2.0
// Texts inside of others: anywhere, or between delimiters.
#include <algorithm>
#include <utility>

#include "rules/matchers.hpp"
#include "rules/text_table.hpp"

namespace corelane::rules {
namespace {

constexpr std::size_t texts_walked_max = 16;  // more are looked up, at each place where one may begin

/// Anywhere where there are no delimiters. Delimiters around a pattern count as those around its place in the
/// text.
template <bool ignore_case>
class SearchMatcher final : public Matcher {
 public:
  SearchMatcher(Texts<ignore_case> texts, std::string_view delimiters)
      : texts_(std::move(texts)), table_(texts_), delimiters_(delimiters) {}

  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    if (texts_.size() > texts_walked_max) return look_up(sample.text);
    for (std::uint32_t i = 0; i < texts_.size(); ++i)
      if (contains(sample.text, texts_[i])) return i;
    return none;
  }

 private:
  bool is_delimiter(char c) const { return delimiters_.find(c) != std::string_view::npos; }
  bool begins_at(std::string_view text, std::size_t at) const {
    return delimiters_.empty() || at == 0 || is_delimiter(text[at - 1]);
  }
  bool ends_at(std::string_view text, std::size_t at) const {
    return delimiters_.empty() || at == text.size() || is_delimiter(text[at]);
  }

  bool contains(std::string_view text, std::string_view wanted) const {
    if (!ignore_case && delimiters_.empty()) return text.find(wanted) != std::string_view::npos;
    for (std::size_t at = 0; at + wanted.size() <= text.size(); ++at) {
      if (begins_at(text, at) && ends_at(text, at + wanted.size()) &&
          Texts<ignore_case>::same(wanted, text.substr(at, wanted.size()))) {
        return true;
      }
    }
    return false;
  }

  std::uint32_t look_up(std::string_view text) const {
    std::uint32_t first = none;
    for (std::size_t at = 0; at <= text.size(); ++at) {
      if (!begins_at(text, at)) continue;
      for (const std::size_t length : table_.lengths()) {
        if (at + length > text.size()) break;
        if (ends_at(text, at + length)) first = std::min(first, table_.find(text.substr(at, length)));
      }
    }
    return first;
  }

  Texts<ignore_case> texts_;
  TextTable<ignore_case> table_;
  std::string_view delimiters_;
};

std::string_view without(std::string_view delimiters, std::string_view text) {
  const std::size_t begin = text.find_first_not_of(delimiters);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(delimiters) + 1 - begin);
}

template <bool ignore_case>
MatcherMade make(std::string_view delimiters, std::span<const Pattern> patterns) {
  Texts<ignore_case> texts;
  for (const Pattern& pattern : patterns)
    texts.append(delimiters.empty() ? pattern.text : without(delimiters, pattern.text));
  return {std::make_unique<SearchMatcher<ignore_case>>(std::move(texts), delimiters), {}};
}

}  // namespace

MatcherMade make_search_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns) {
  std::string_view delimiters;
  if (method == Method::directory) delimiters = "/?";
  if (method == Method::domain) delimiters = "/?.:";
  return ignore_case ? make<true>(delimiters, patterns) : make<false>(delimiters, patterns);
}

}  // namespace corelane::rules
