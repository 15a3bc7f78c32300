// SPDX-License-Identifier: Apache-2.0
// Tables find what going through all entries finds.
#include <doctest/doctest.h>

#include <optional>
#include <random>

#include "rules/interval_table.hpp"
#include "rules/matchers.hpp"

namespace corelane::rules {
namespace {

template <class Key>
std::uint32_t by_hand(const std::vector<typename IntervalTable<Key>::Interval>& intervals, Key key) {
  const typename IntervalTable<Key>::Interval* best = nullptr;
  for (const auto& interval : intervals) {
    if (key < interval.min || interval.max < key) continue;
    if (best == nullptr || interval.rank < best->rank) best = &interval;
  }
  return best == nullptr ? IntervalTable<Key>::none : best->number;
}

TEST_CASE_TEMPLATE("intervals that overlap", Key, std::uint32_t, std::int64_t) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<typename IntervalTable<Key>::Interval> intervals;
    const std::size_t count = random() % 12;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Key min = static_cast<Key>(random() % 30);
      const Key max =
          random() % 20 == 0 ? std::numeric_limits<Key>::max() : min + static_cast<Key>(random() % 9);
      intervals.push_back({min, max, random() % 1000 * 16 + i, i});
    }
    const IntervalTable<Key> table(intervals);
    for (Key key = 0; key < 50; ++key) CHECK(table.find(key) == by_hand<Key>(intervals, key));
    for (const Key key : {std::numeric_limits<Key>::max(), std::numeric_limits<Key>::min()})
      CHECK(table.find(key) == by_hand<Key>(intervals, key));
  }
}

TEST_CASE("many intervals of 32 bits are found by their upper half") {
  std::mt19937 random(8);
  std::vector<IntervalTable<std::uint32_t>::Interval> intervals;
  for (std::uint32_t i = 0; i < 6000; ++i) {
    const std::uint32_t min = static_cast<std::uint32_t>(random()) & 0xffff'ff00;
    intervals.push_back({min, min | 0xff, i, i});
  }
  intervals.push_back({0, 0xffff, 9000, 9000});
  const IntervalTable<std::uint32_t> table(intervals);
  for (int i = 0; i < 300; ++i) {
    const std::uint32_t key =
        intervals[random() % intervals.size()].min + static_cast<std::uint32_t>(random() % 300);
    CHECK(table.find(key) == by_hand<std::uint32_t>(intervals, key));
  }
  CHECK(table.find(0xffff'ffff) == by_hand<std::uint32_t>(intervals, 0xffff'ffff));
}

bool matches(Method method, std::string_view text, std::string_view pattern) {
  if (method == Method::begin) return text.starts_with(pattern);
  if (method == Method::end) return text.ends_with(pattern);
  if (method == Method::substring) return text.find(pattern) != std::string_view::npos;
  return text == pattern;
}

std::string word(std::mt19937& random, std::size_t length_max) {
  std::string text;
  for (std::size_t length = random() % (length_max + 1); text.size() < length;)
    text += static_cast<char>('a' + random() % 2);
  return text;
}

TEST_CASE("of many texts the same one is found as by hand") {
  std::mt19937 random(9);
  for (const Method method : {Method::string, Method::begin, Method::end, Method::substring}) {
    for (int round = 0; round < 60; ++round) {
      std::vector<std::string> texts;
      std::vector<Pattern> patterns;
      const std::size_t count = 1 + random() % 40;
      for (std::size_t i = 0; i < count; ++i) texts.push_back(word(random, 6) + "c");
      for (const std::string& text : texts) patterns.push_back({text, 0});
      for (const bool ignore_case : {false, true}) {
        const MatcherMade made = make_matcher(method, ignore_case, patterns);
        for (int i = 0; i < 20; ++i) {
          std::string text = word(random, 8) + "c" + word(random, 3);
          std::uint32_t expected = Matcher::none;
          for (std::uint32_t p = 0; p < texts.size(); ++p) {
            if (!matches(method, text, texts[p])) continue;
            const bool longer = expected == Matcher::none ||
                                (method == Method::begin && texts[p].size() > texts[expected].size());
            if (longer) expected = p;
          }
          if (ignore_case && !text.empty()) text[0] = static_cast<char>(text[0] - 'a' + 'A');
          sample::Sample sample;
          sample.set(std::string_view(text));
          CHECK(made.matcher->find(sample) == expected);
        }
      }
    }
  }
}

TEST_CASE("of many regular expressions the first one is found") {
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back("^a" + std::to_string(i) + "$");
  texts[150] = "^a7";
  std::vector<Pattern> patterns;
  for (const std::string& text : texts) patterns.push_back({text, 0});
  const MatcherMade made = make_matcher(Method::regex, false, patterns);
  const auto find = [&made](std::string_view text) {
    sample::Sample sample;
    sample.set(text);
    CHECK(made.matcher->matches(sample) == (made.matcher->find(sample) != Matcher::none));
    return made.matcher->find(sample);
  };
  CHECK(find("a7") == 7);
  CHECK(find("a77") == 77);
  CHECK(find("a779") == 150);
  CHECK(find("a199") == 199);
  CHECK(find("b") == Matcher::none);
}

}  // namespace
}  // namespace corelane::rules
