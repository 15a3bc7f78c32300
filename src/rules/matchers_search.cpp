// SPDX-License-Identifier: Apache-2.0
// Texts inside of others: anywhere, or between delimiters.
#include <algorithm>
#include <utility>
#include <vector>

#include "rules/matchers.hpp"
#include "sample/numbers.hpp"

namespace corelane::rules {
namespace {

bool same(char a, char b, bool ignore_case) {
  return ignore_case ? sample::lower_case(a) == sample::lower_case(b) : a == b;
}

bool starts_with(std::string_view text, std::string_view wanted, bool ignore_case) {
  return text.size() >= wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), text.begin(),
                    [ignore_case](char a, char b) { return same(a, b, ignore_case); });
}

class SubstringMatcher final : public Matcher {
 public:
  SubstringMatcher(std::vector<std::string> texts, bool ignore_case)
      : texts_(std::move(texts)), ignore_case_(ignore_case) {}

  bool matches(const sample::Sample& sample) const noexcept override {
    for (const std::string& wanted : texts_)
      if (contains(sample.text, wanted)) return true;
    return false;
  }

 private:
  bool contains(std::string_view text, std::string_view wanted) const {
    if (!ignore_case_) return text.find(wanted) != std::string_view::npos;
    for (; text.size() >= wanted.size(); text.remove_prefix(1)) {
      if (starts_with(text, wanted, true)) return true;
      if (text.empty()) break;
    }
    return false;
  }

  std::vector<std::string> texts_;
  bool ignore_case_;
};

/// Delimiters around a pattern count as those around its place in the text.
class WordMatcher final : public Matcher {
 public:
  WordMatcher(std::vector<std::string> texts, std::string_view delimiters, bool ignore_case)
      : texts_(std::move(texts)), delimiters_(delimiters), ignore_case_(ignore_case) {
    for (std::string& text : texts_) {
      const auto word = [this](char c) { return !is_delimiter(c); };
      text.erase(text.begin(), std::find_if(text.begin(), text.end(), word));
      text.erase(std::find_if(text.rbegin(), text.rend(), word).base(), text.end());
    }
  }

  bool matches(const sample::Sample& sample) const noexcept override {
    for (const std::string& wanted : texts_)
      if (contains(sample.text, wanted)) return true;
    return false;
  }

 private:
  bool is_delimiter(char c) const { return delimiters_.find(c) != std::string_view::npos; }

  bool contains(std::string_view text, std::string_view wanted) const {
    bool at_beginning = true;
    for (; text.size() >= wanted.size() && !text.empty(); text.remove_prefix(1)) {
      if (at_beginning && starts_with(text, wanted, ignore_case_) &&
          (text.size() == wanted.size() || is_delimiter(text[wanted.size()]))) {
        return true;
      }
      at_beginning = is_delimiter(text.front());
    }
    return false;
  }

  std::vector<std::string> texts_;
  std::string_view delimiters_;
  bool ignore_case_;
};

}  // namespace

MatcherMade make_search_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns) {
  std::vector<std::string> texts;
  for (const Pattern& pattern : patterns) texts.push_back(pattern.text);
  if (method == Method::substring)
    return {std::make_unique<SubstringMatcher>(std::move(texts), ignore_case), {}};
  const std::string_view delimiters = method == Method::directory ? "/?" : "/?.:";
  return {std::make_unique<WordMatcher>(std::move(texts), delimiters, ignore_case), {}};
}

}  // namespace corelane::rules
