// SPDX-License-Identifier: Apache-2.0
// Regular expressions: one alone, or many, of which automata of some tell whether one of them matches.
#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "rules/matchers.hpp"

namespace corelane::rules {
namespace {

constexpr std::int64_t regex_memory_bytes = 8 << 20;
constexpr std::size_t block_expressions = 64;

re2::RE2::Options regex_options(bool ignore_case) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!ignore_case);
  options.set_max_mem(regex_memory_bytes);
  return options;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

class RegexMatcher final : public Matcher {
 public:
  explicit RegexMatcher(const re2::RE2::Options& options) : options_(options) {}

  /// False: `fault` says why it is none.
  bool add(std::string_view text, std::string& fault) {
    auto regex = std::make_unique<const re2::RE2>(piece(text), options_);
    if (!regex->ok()) {
      fault = regex->error();
      return false;
    }
    regexes_.push_back(std::move(regex));
    return true;
  }

  // A block that needs too much memory has no automaton: each of its expressions is tried.
  void make_blocks() {
    if (regexes_.size() == 1) return;
    for (std::size_t begin = 0; begin < regexes_.size(); begin += block_expressions) {
      auto& set = blocks_.emplace_back(std::make_unique<re2::RE2::Set>(options_, re2::RE2::UNANCHORED));
      const std::size_t end = std::min(begin + block_expressions, regexes_.size());
      for (std::size_t i = begin; i < end; ++i) set->Add(regexes_[i]->pattern(), nullptr);
      if (!set->Compile()) set = nullptr;
    }
  }

  bool matches(const sample::Sample& sample) const noexcept override {
    if (blocks_.empty()) return find(sample) != none;
    for (std::size_t block = 0; block < blocks_.size(); ++block) {
      if (blocks_[block] == nullptr ? find_in(block, sample) != none : may_match(block, sample)) return true;
    }
    return false;
  }

  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    if (blocks_.empty()) return find_in(0, sample);
    for (std::size_t block = 0; block < blocks_.size(); ++block) {
      const std::uint32_t found = may_match(block, sample) ? find_in(block, sample) : none;
      if (found != none) return found;
    }
    return none;
  }

  const re2::RE2* regex(std::uint32_t number) const noexcept override { return regexes_[number].get(); }

 private:
  bool may_match(std::size_t block, const sample::Sample& sample) const {
    return blocks_[block] == nullptr || blocks_[block]->Match(piece(sample.text), nullptr);
  }
  std::uint32_t find_in(std::size_t block, const sample::Sample& sample) const {
    const std::size_t begin = block * block_expressions;
    const std::size_t end = std::min(begin + block_expressions, regexes_.size());
    for (std::size_t i = begin; i < end; ++i) {
      if (regexes_[i]->Match(piece(sample.text), 0, sample.text.size(), re2::RE2::UNANCHORED, nullptr, 0))
        return static_cast<std::uint32_t>(i);
    }
    return none;
  }

  re2::RE2::Options options_;
  std::vector<std::unique_ptr<const re2::RE2>> regexes_;
  std::vector<std::unique_ptr<re2::RE2::Set>> blocks_;  // of block_expressions each; none where there is one
};

}  // namespace

MatcherMade make_regex_matcher(bool ignore_case, std::span<const Pattern> patterns) {
  auto matcher = std::make_unique<RegexMatcher>(regex_options(ignore_case));
  for (const Pattern& pattern : patterns) {
    std::string fault;
    if (matcher->add(pattern.text, fault)) continue;
    return refuse_pattern(pattern, fmt::format("bad regular expression \"{}\": {}", pattern.text, fault));
  }
  matcher->make_blocks();
  return {std::move(matcher), {}};
}

}  // namespace corelane::rules
