// SPDX-License-Identifier: Apache-2.0
// Texts as a whole, at the beginning and at the end, and regular expressions.
#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "rules/matchers.hpp"
#include "sample/numbers.hpp"

namespace corelane::rules {
namespace {

using sample::lower_case;

constexpr std::size_t texts_walked_max = 4;  // more are looked up
constexpr std::int64_t regex_memory_bytes = 8 << 20;

template <bool ignore_case>
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    if constexpr (!ignore_case) return std::hash<std::string_view>()(text);
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;  // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(lower_case(c))) * 0x100'0000'01b3;
    return hash;
  }
};

template <bool ignore_case>
struct TextEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    if constexpr (!ignore_case) return a == b;
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower_case(x) == lower_case(y); });
  }
};

/// Few texts are compared one after the other; of many the sample's part of each length is looked up.
template <bool ignore_case>
class TextMatcher final : public Matcher {
 public:
  TextMatcher(Method method, const std::vector<std::string>& texts)
      : method_(method), texts_(texts.begin(), texts.end()) {
    if (texts_.size() <= texts_walked_max) few_.assign(texts_.begin(), texts_.end());
    for (const std::string& text : texts_) lengths_.push_back(text.size());
    std::sort(lengths_.begin(), lengths_.end());
    lengths_.erase(std::unique(lengths_.begin(), lengths_.end()), lengths_.end());
  }

  bool matches(const sample::Sample& sample) const noexcept override {
    const std::string_view text = sample.text;
    if (!few_.empty()) {
      return std::any_of(few_.begin(), few_.end(), [&](const std::string& wanted) {
        return part_fits(text, wanted.size()) && equal_(part(text, wanted.size()), wanted);
      });
    }
    return std::any_of(lengths_.begin(), lengths_.end(), [&](std::size_t length) {
      return part_fits(text, length) && texts_.find(part(text, length)) != texts_.end();
    });
  }

 private:
  bool part_fits(std::string_view text, std::size_t length) const {
    return method_ == Method::begin || method_ == Method::end ? length <= text.size() : length == text.size();
  }
  std::string_view part(std::string_view text, std::size_t length) const {
    return method_ == Method::end ? text.substr(text.size() - length) : text.substr(0, length);
  }

  Method method_;
  TextEqual<ignore_case> equal_;
  std::unordered_set<std::string, TextHash<ignore_case>, TextEqual<ignore_case>> texts_;
  std::vector<std::string> few_;
  std::vector<std::size_t> lengths_;  // the different ones
};

bool bytes_from_hex(std::string_view text, std::string& bytes) {
  if (text.empty() || text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = sample::hex_digit(text[i]);
    const int low = sample::hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

re2::RE2::Options regex_options(bool ignore_case) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!ignore_case);
  options.set_max_mem(regex_memory_bytes);
  return options;
}

class RegexMatcher final : public Matcher {
 public:
  RegexMatcher(const std::string& text, const re2::RE2::Options& options) : regex_(text, options) {}

  bool sound() const { return regex_.ok(); }
  const std::string& fault() const { return regex_.error(); }
  bool matches(const sample::Sample& sample) const noexcept override {
    return re2::RE2::PartialMatch({sample.text.data(), sample.text.size()}, regex_);
  }

 private:
  re2::RE2 regex_;
};

/// Many expressions in one go.
class RegexSetMatcher final : public Matcher {
 public:
  explicit RegexSetMatcher(const re2::RE2::Options& options) : set_(options, re2::RE2::UNANCHORED) {}

  bool add(const std::string& text, std::string& fault) { return set_.Add(text, &fault) >= 0; }
  bool compile() { return set_.Compile(); }
  bool matches(const sample::Sample& sample) const noexcept override {
    return set_.Match({sample.text.data(), sample.text.size()}, nullptr);
  }

 private:
  re2::RE2::Set set_;
};

MatcherMade refuse_regex(const Pattern& pattern, std::string_view fault) {
  return refuse_pattern(pattern, fmt::format("bad regular expression \"{}\": {}", pattern.text, fault));
}

}  // namespace

MatcherMade make_text_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns) {
  std::vector<std::string> texts;
  for (const Pattern& pattern : patterns) {
    std::string& text = texts.emplace_back();
    if (method != Method::binary) {
      text = pattern.text;
    } else if (!bytes_from_hex(pattern.text, text)) {
      return refuse_pattern(pattern,
                            fmt::format("\"{}\" is not hexadecimal: two digits for each byte", pattern.text));
    }
  }
  if (ignore_case) return {std::make_unique<TextMatcher<true>>(method, texts), {}};
  return {std::make_unique<TextMatcher<false>>(method, texts), {}};
}

MatcherMade make_regex_matcher(bool ignore_case, std::span<const Pattern> patterns) {
  const re2::RE2::Options options = regex_options(ignore_case);
  if (patterns.size() == 1) {
    auto single = std::make_unique<RegexMatcher>(patterns[0].text, options);
    if (!single->sound()) return refuse_regex(patterns[0], single->fault());
    return {std::move(single), {}};
  }
  auto set = std::make_unique<RegexSetMatcher>(options);
  for (const Pattern& pattern : patterns) {
    std::string fault;
    if (!set->add(pattern.text, fault)) return refuse_regex(pattern, fault);
  }
  if (!set->compile())
    return refuse_pattern(patterns[0], "these regular expressions together need too much memory");
  return {std::move(set), {}};
}

}  // namespace corelane::rules
