// SPDX-License-Identifier: Apache-2.0
// Texts as a whole, at the beginning and at the end.
#include <fmt/format.h>

#include <utility>

#include "rules/matchers.hpp"
#include "rules/text_table.hpp"

namespace corelane::rules {
namespace {

constexpr std::size_t texts_walked_max = 4;  // more are looked up

template <bool ignore_case>
class WholeMatcher final : public Matcher {
 public:
  explicit WholeMatcher(Texts<ignore_case> texts) : texts_(std::move(texts)), table_(texts_) {}

  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    if (texts_.size() > texts_walked_max) return table_.find(sample.text);
    for (std::uint32_t i = 0; i < texts_.size(); ++i) {
      const std::string_view text = texts_[i];
      if (text.size() == sample.text.size() && Texts<ignore_case>::same(text, sample.text)) return i;
    }
    return none;
  }

 private:
  Texts<ignore_case> texts_;
  TextTable<ignore_case> table_;
};

template <bool ignore_case>
class BeginMatcher final : public Matcher {
 public:
  explicit BeginMatcher(Texts<ignore_case> texts) : texts_(std::move(texts)), table_(texts_) {}

  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    return table_.find(sample.text);
  }

 private:
  Texts<ignore_case> texts_;
  PrefixTable<ignore_case> table_;
};

/// The sample's end, or its beginning, of each length is looked up.
template <bool ignore_case, bool at_end>
class PieceMatcher final : public Matcher {
 public:
  explicit PieceMatcher(Texts<ignore_case> texts) : texts_(std::move(texts)), table_(texts_) {}

  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    std::uint32_t first = none;
    for (const std::size_t length : table_.lengths()) {
      if (length > sample.text.size()) break;
      first =
          std::min(first, table_.find(sample.text.substr(at_end ? sample.text.size() - length : 0, length)));
    }
    return first;
  }

 private:
  Texts<ignore_case> texts_;
  TextTable<ignore_case> table_;
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

template <bool ignore_case>
MatcherMade make(Method method, std::span<const Pattern> patterns) {
  Texts<ignore_case> texts;
  std::size_t bytes = 0;
  for (const Pattern& pattern : patterns) bytes += pattern.text.size();
  texts.reserve(patterns.size(), bytes);
  for (const Pattern& pattern : patterns) {
    std::string decoded;
    if (method == Method::binary && !bytes_from_hex(pattern.text, decoded)) {
      return refuse_pattern(pattern,
                            fmt::format("\"{}\" is not hexadecimal: two digits for each byte", pattern.text));
    }
    texts.append(method == Method::binary ? decoded : pattern.text);
  }
  if (method == Method::begin) return {std::make_unique<BeginMatcher<ignore_case>>(std::move(texts)), {}};
  if (method == Method::end) return {std::make_unique<PieceMatcher<ignore_case, true>>(std::move(texts)), {}};
  return {std::make_unique<WholeMatcher<ignore_case>>(std::move(texts)), {}};
}

template <bool ignore_case>
std::unique_ptr<const Matcher> make_first(Method method, std::span<const Pattern> patterns) {
  if (method != Method::begin) return make<ignore_case>(method, patterns).matcher;
  Texts<ignore_case> texts;
  for (const Pattern& pattern : patterns) texts.append(pattern.text);
  return std::make_unique<PieceMatcher<ignore_case, false>>(std::move(texts));
}

}  // namespace

std::unique_ptr<const Matcher> make_first_text_matcher(Method method, bool ignore_case,
                                                       std::span<const Pattern> patterns) {
  return ignore_case ? make_first<true>(method, patterns) : make_first<false>(method, patterns);
}

MatcherMade make_text_matcher(Method method, bool ignore_case, std::span<const Pattern> patterns) {
  return ignore_case ? make<true>(method, patterns) : make<false>(method, patterns);
}

}  // namespace corelane::rules
