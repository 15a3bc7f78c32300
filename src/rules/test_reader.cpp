// SPDX-License-Identifier: Apache-2.0
#include "rules/test_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <utility>

#include "base/near_miss.hpp"

namespace corelane::rules {
namespace {

std::vector<std::string_view> suffixes() {
  std::vector<std::string_view> names;
  for (const MethodRow& row : methods())
    if (row.is_suffix) names.push_back(row.name);
  return names;
}

/// How a sample of this type is compared where nothing is said.
std::optional<Method> usual_method(sample::Type type) {
  switch (type) {
    case sample::Type::boolean:
      return Method::boolean;
    case sample::Type::sint:
      return Method::integer;
    case sample::Type::address:
      return Method::address;
    case sample::Type::string:
    case sample::Type::method:
      return Method::string;
    case sample::Type::binary:
      return std::nullopt;
  }
  return std::nullopt;
}

/// Patterns of the condition itself, and lists that are kept elsewhere.
class ListsMatcher final : public Matcher {
 public:
  ListsMatcher(std::unique_ptr<const Matcher> own, std::vector<const sample::PatternLookup*> lists)
      : own_(std::move(own)), lists_(std::move(lists)) {}

  bool matches(const sample::Sample& sample) const noexcept override {
    if (own_ != nullptr && own_->matches(sample)) return true;
    return std::any_of(lists_.begin(), lists_.end(),
                       [&sample](const sample::PatternLookup* list) { return list->matches(sample); });
  }
  std::uint32_t find(const sample::Sample& sample) const noexcept override {
    return matches(sample) ? 0 : none;
  }

 private:
  std::unique_ptr<const Matcher> own_;  // null: it has none
  std::vector<const sample::PatternLookup*> lists_;
};

class TestReader {
 public:
  TestReader(WordReader& words, const sample::Names& names, bool in_braces)
      : words_(words), names_(names), in_braces_(in_braces) {}

  TestRead read() {
    sample::ExpressionRead expression;
    if (!read_expression(expression) || !read_flags() || !read_patterns() || !choose_method(expression))
      return std::move(result_);
    make_test(std::move(*expression.expression));
    return std::move(result_);
  }

 private:
  bool fail(std::size_t position, std::string message) {
    result_.fault = {position, std::move(message), {}, {}};
    return false;
  }

  bool read_expression(sample::ExpressionRead& read) {
    begin_ = words_.position();
    Word word;
    if (!words_.next_expression(word) || word.is("}"))
      return fail(begin_, "expected a test, such as path_beg /static");
    read = sample::read_expression(word.written, names_, suffixes());
    if (read.expression) return true;
    result_.fault = std::move(read.fault);
    result_.fault.position += begin_;
    return false;
  }

  bool read_flags() {
    Word word;
    for (std::size_t position = words_.position(); words_.next(word); position = words_.position()) {
      if (word.is("--")) return true;
      if (word.is("-i")) {
        ignore_case_ = true;
      } else if (word.is("-m")) {
        if (!read_method()) return false;
      } else if (word.is("-M")) {
        has_values_ = true;
      } else if (word.is("-f")) {
        if (!read_file()) return false;
      } else if (word.is("-u")) {
        if (!read_id()) return false;
      } else if (word.written.size() == 2 && word.written[0] == '-' && word.written[1] >= 'A') {
        return refuse_flag(word);
      } else if (!word.is("-n")) {  // names are never resolved
        words_.back_to(position);
        return true;
      }
    }
    return !words_.unclosed() || refuse_quote();
  }

  bool read_method() {
    Word word;
    const std::size_t position = words_.position();
    method_ = words_.next(word) ? find_method(word.text) : nullptr;
    if (method_ != nullptr) return true;
    std::vector<std::string_view> names;
    for (const MethodRow& row : methods()) names.push_back(row.name);
    result_.fault = {position,
                     fmt::format("\"{}\" is no method of matching", word.text),
                     {names.begin(), names.end()},
                     std::string(base::near_miss(word.text, names))};
    return false;
  }

  bool read_file() {
    Word word;
    const std::size_t position = words_.position();
    if (!words_.next(word) || word.text.empty())
      return fail(position, "expected the name of a file after -f");
    files_.push_back({std::move(word.text), word.position, has_values_});
    return true;
  }

  bool read_id() {
    Word word;
    const std::size_t position = words_.position();
    std::uint32_t id = 0;
    const bool there = words_.next(word);
    const char* const end = word.text.data() + word.text.size();
    const auto read = std::from_chars(word.text.data(), end, id);
    if (!there || word.text.empty() || read.ec != std::errc() || read.ptr != end)
      return fail(position, "expected a number after -u, by which the patterns are known");
    id_ = id;
    id_position_ = position;
    return true;
  }

  bool refuse_flag(const Word& word) {
    result_.fault = {word.position,
                     fmt::format("\"{}\" is not a known flag", word.text),
                     {"-i", "-m METHOD", "-f FILE", "-M", "-u ID", "-n", "--"},
                     {}};
    return false;
  }

  bool refuse_quote() { return fail(words_.unclosed_at(), "the quote is not closed"); }

  bool read_patterns() {
    Word word;
    while (words_.next(word)) {
      if (in_braces_ && word.is("}")) return true;
      patterns_.push_back({texts_.emplace_back(std::move(word.text)), word.position});
    }
    if (words_.unclosed()) return refuse_quote();
    return !in_braces_ || fail(words_.position(), "expected } after a blank, which closes the test");
  }

  bool choose_method(const sample::ExpressionRead& read) {
    const sample::Type type = read.expression->output();
    if (method_ == nullptr && !read.suffix.empty()) method_ = find_method(read.suffix);
    if (method_ == nullptr) {
      const std::optional<Method> usual = usual_method(type);
      if (!usual) return fail(begin_, "a binary sample is compared by -m and a method, which are missing");
      method_ = &row_of(*usual);
    }
    if (method_->method != Method::found && !sample::castable(type, method_->wanted)) {
      return fail(begin_, fmt::format("{} is compared with {}, but this expression makes {}", method_->name,
                                      sample::type_text(method_->wanted), sample::type_text(type)));
    }
    const bool has_lists = id_ || !files_.empty();
    if (!method_->takes_patterns && has_lists)
      return fail(begin_, fmt::format("{} takes no patterns, and so none of -f and -u", method_->name));
    if (method_->takes_patterns && patterns_.empty() && !has_lists)
      return fail(words_.position(), "expected a pattern: without one this test never holds");
    if (!method_->takes_patterns && !patterns_.empty()) {
      return fail(patterns_[0].position,
                  fmt::format("{} takes no patterns: what it makes is true or false, or there or not",
                              method_->method == Method::boolean ? "a boolean test" : "-m found"));
    }
    return true;
  }

  /// "3.1" is TLS 1.0, as the integer that the fetches of versions make; also in a range.
  static std::string with_versions(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos)
      return with_versions(text.substr(0, colon)) + ":" + with_versions(text.substr(colon + 1));
    const std::size_t dot = text.find('.');
    unsigned major = 0;
    unsigned minor = 0;
    const auto read = [](std::string_view part, unsigned& number) {
      const auto end = std::from_chars(part.data(), part.data() + part.size(), number);
      return end.ec == std::errc() && end.ptr == part.data() + part.size() && number < 256;
    };
    if (dot == std::string_view::npos || !read(text.substr(0, dot), major) ||
        !read(text.substr(dot + 1), minor))
      return std::string(text);
    return std::to_string(major << 16 | minor);
  }

  void make_test(sample::Expression expression) {
    if (expression.makes_version() && method_->method == Method::integer)
      for (Pattern& pattern : patterns_) pattern.text = texts_.emplace_back(with_versions(pattern.text));
    std::vector<const sample::PatternLookup*> lists;
    if (!find_lists(lists)) return;
    MatcherMade made;
    if (method_->takes_patterns && !patterns_.empty() && !id_) {
      made = make_matcher(method_->method, ignore_case_, patterns_);
      if (made.matcher == nullptr) {
        result_.fault = std::move(made.fault);
        return;
      }
    }
    FixedTexts texts{{}, ignore_case_};
    if (lists.empty() && compares_texts())
      for (const Pattern& pattern : patterns_) texts.all.emplace_back(pattern.text);
    if (!lists.empty())
      made.matcher = std::make_unique<ListsMatcher>(std::move(made.matcher), std::move(lists));
    result_.test.emplace(std::move(expression), method_->method, std::move(made.matcher), std::move(texts));
  }

  bool compares_texts() const {
    return method_->method == Method::string || method_->method == Method::begin ||
           method_->method == Method::end;
  }

  /// Those of -f, and of -u, which has the patterns that stand here.
  bool find_lists(std::vector<const sample::PatternLookup*>& lists) {
    if (!id_ && files_.empty()) return true;
    if (names_.patterns == nullptr) return fail(begin_, "there are no files and no lists with an id here");
    sample::PatternUse use{.method = method_->name, .ignore_case = ignore_case_};
    sample::Fault fault;
    for (const File& file : files_) {
      use.has_values = file.has_values;
      lists.push_back(names_.patterns->from_file(file.path, use, fault));
      if (lists.back() == nullptr) return fail(file.position, std::move(fault.message));
    }
    if (!id_) return true;
    use.has_values = false;
    std::vector<std::string_view> patterns;
    for (const Pattern& pattern : patterns_) patterns.push_back(pattern.text);
    lists.push_back(names_.patterns->from_id(*id_, patterns, use, fault));
    return lists.back() != nullptr || fail(id_position_, std::move(fault.message));
  }

  struct File {
    std::string path;
    std::size_t position;
    bool has_values;  // -M stands before it
  };

  WordReader& words_;
  const sample::Names& names_;
  bool in_braces_;
  std::size_t begin_ = 0;
  bool ignore_case_ = false;
  const MethodRow* method_ = nullptr;
  std::deque<std::string> texts_;  // of patterns_
  std::vector<Pattern> patterns_;
  bool has_values_ = false;
  std::vector<File> files_;
  std::optional<std::uint32_t> id_;
  std::size_t id_position_ = 0;
  TestRead result_;
};

}  // namespace

TestRead read_test(WordReader& words, const sample::Names& names, bool in_braces) {
  return TestReader(words, names, in_braces).read();
}

}  // namespace corelane::rules
