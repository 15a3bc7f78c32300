// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/near_miss.hpp"
#include "check/http_expectation.hpp"

namespace corelane::check {
namespace {

using Kind = HttpExpectation::Kind;
using Fault = HttpExpectation::Fault;

constexpr std::string_view blanks = " \t";
constexpr std::size_t status_ranges_max = 32;
constexpr std::uint32_t status_min = 100;
constexpr std::uint32_t status_max = 599;

struct KindRow {
  Kind kind;
  std::string_view word;
};
constexpr std::array kind_rows{
    KindRow{Kind::status, "status"}, KindRow{Kind::status_regex, "rstatus"},
    KindRow{Kind::string, "string"}, KindRow{Kind::regex, "rstring"},
    KindRow{Kind::header, "hdr"},    KindRow{Kind::full_header, "fhdr"},
};
constexpr std::array<std::string_view, 5> method_words{"str", "beg", "end", "sub", "reg"};

template <class Words>
Fault unknown_word(std::string_view what, std::string_view word, const Words& words) {
  return {fmt::format("\"{}\" is not {}", word, what),
          {words.begin(), words.end()},
          std::string(base::near_miss(word, words))};
}

std::optional<std::uint32_t> status_of(std::string_view text) {
  std::uint32_t status = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, status);
  if (error != std::errc() || at != end || status < status_min || status > status_max) return std::nullopt;
  return status;
}

}  // namespace

/// Takes an expectation's text from left to right; the first fault stays.
class HttpExpectation::Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {
    skip_blanks();
    made_.text_ = std::string(rest_.substr(0, rest_.find_last_not_of(blanks) + 1));
  }

  std::variant<HttpExpectation, Fault> read() && {
    if (rest_.starts_with('!')) {
      made_.negate_ = true;
      rest_.remove_prefix(1);
    }
    read_kind();
    if (!fault_) read_operand();
    if (fault_) return std::move(*fault_);
    return std::move(made_);
  }

 private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size())); }

  std::string_view word() {
    skip_blanks();
    const std::string_view word = rest_.substr(0, rest_.find_first_of(blanks));
    rest_.remove_prefix(word.size());
    return word;
  }

  /// Everything that is left, blanks inside included.
  std::string_view remainder() {
    skip_blanks();
    const std::string_view all = rest_.substr(0, rest_.find_last_not_of(blanks) + 1);
    rest_ = {};
    return all;
  }

  void read_kind() {
    const std::string_view kind = word();
    std::array<std::string_view, kind_rows.size()> words;
    for (std::size_t i = 0; i < kind_rows.size(); ++i) {
      words[i] = kind_rows[i].word;
      if (kind_rows[i].word != kind) continue;
      made_.kind_ = kind_rows[i].kind;
      return;
    }
    fault_ = unknown_word("something to expect of an answer", kind, words);
  }

  void read_operand() {
    switch (made_.kind_) {
      case Kind::status:
        read_statuses(remainder());
        break;
      case Kind::header:
      case Kind::full_header:
        read_header();
        break;
      case Kind::string:
        read_text(made_.content_, HttpMatch::Method::sub, remainder(), "text");
        break;
      default:
        read_text(made_.content_, HttpMatch::Method::reg, remainder(), "regular expression");
    }
  }

  void read_statuses(std::string_view list) {
    std::size_t start = 0;
    while (!fault_ && start <= list.size()) {
      const std::size_t end = std::min(list.find(',', start), list.size());
      read_status_range(list.substr(start, end - start));
      start = end + 1;
    }
  }

  void read_status_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const std::optional<std::uint32_t> first = status_of(text.substr(0, dash));
    const std::optional<std::uint32_t> last =
        dash == std::string_view::npos ? first : status_of(text.substr(dash + 1));
    if (!first || !last || *first > *last) {
      fault_ = Fault{fmt::format("\"{}\" is not a status or a range of them", text),
                     {fmt::format("{} to {}", status_min, status_max), "200-299", "200-299,304"}};
    } else if (made_.statuses_.size() == status_ranges_max) {
      fault_ = Fault{fmt::format("more than {} ranges", status_ranges_max)};
    } else {
      made_.statuses_.push_back({*first, *last});
    }
  }

  void read_header() {
    if (const std::string_view key = word(); key != "name") {
      fault_ = Fault{fmt::format("\"name\" is expected, found \"{}\"", key),
                     {"hdr name NAME", "hdr name NAME value VALUE", "hdr name -m beg NAME"}};
      return;
    }
    const HttpMatch::Method by = read_method();
    const std::string_view name = word();
    const bool by_pattern = by == HttpMatch::Method::reg && !name.empty();
    read_text(made_.name_, by, by_pattern ? fmt::format("(?i:{})", name) : http_lower_case(name), "name");
    skip_blanks();
    if (fault_ || rest_.empty()) return;
    if (const std::string_view key = word(); key != "value") {
      fault_ = Fault{fmt::format("\"value\" or nothing is expected after the name, found \"{}\"", key)};
      return;
    }
    const HttpMatch::Method value_by = read_method();
    read_text(made_.value_.emplace(), value_by, remainder(), "value");
  }

  /// "-m METHOD", if that comes next.
  HttpMatch::Method read_method() {
    skip_blanks();
    if (!rest_.starts_with("-m ")) return HttpMatch::Method::str;
    word();
    const std::string_view method = word();
    const auto* found = std::find(method_words.begin(), method_words.end(), method);
    if (found == method_words.end()) {
      if (!fault_) fault_ = unknown_word("a way to compare", method, method_words);
      return HttpMatch::Method::str;
    }
    return static_cast<HttpMatch::Method>(found - method_words.begin());
  }

  void read_text(HttpMatch& match, HttpMatch::Method method, std::string_view text, std::string_view what) {
    if (fault_) return;
    match.method = method;
    match.text = std::string(text);
    if (text.empty()) {
      fault_ = Fault{fmt::format("the {} is missing", what)};
    } else if (method == HttpMatch::Method::reg) {
      if (const std::string fault = Pattern::fault(match.text); !fault.empty()) {
        fault_ = Fault{fault};
      } else {
        match.pattern.emplace(match.text);
      }
    }
  }

  std::string_view rest_;
  HttpExpectation made_;
  std::optional<Fault> fault_;
};

std::variant<HttpExpectation, HttpExpectation::Fault> HttpExpectation::read(std::string_view text) {
  return Reader(text).read();
}

}  // namespace corelane::check
