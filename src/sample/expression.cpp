// SPDX-License-Identifier: Apache-2.0
#include "sample/expression.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/near_miss.hpp"
#include "sample/arguments.hpp"
#include "sample/captured.hpp"

namespace corelane::sample {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '+';
}

template <class Row>
std::string nearest(std::string_view name, std::span<const Row> rows) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  return std::string(base::near_miss(name, names));
}

}  // namespace

/// Walks over the text; the first fault ends it.
class ExpressionReader {
 public:
  ExpressionReader(std::string_view text, const Names& names, std::span<const std::string_view> suffixes)
      : text_(text), names_(names), suffixes_(suffixes) {}

  ExpressionRead read() {
    Expression expression;
    if (read_fetch(expression) && read_converters(expression)) result_.expression = std::move(expression);
    return std::move(result_);
  }

 private:
  bool fail(std::size_t position, std::string message, std::string near_miss = {}) {
    result_.fault = {position, std::move(message), {}, std::move(near_miss)};
    return false;
  }

  std::string_view read_name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool read_fetch(Expression& expression) {
    const std::string_view name = read_name();
    if (name.empty()) return fail(0, "expected the name of a sample fetch, such as path or src");
    expression.fetch_ = find(name);
    if (expression.fetch_ == nullptr) return refuse_fetch(name);
    const FetchRow& row = *expression.fetch_;
    expression.output_ = row.output;
    if (row.of_hello && names_.hello_kept != nullptr) *names_.hello_kept = true;
    return read_arguments(row, expression.fetch_arguments_) &&
           (row.kept_in.empty() || find_captured(row, expression.fetch_arguments_[0]));
  }

  /// The variable that keeps it.
  bool find_captured(const FetchRow& row, Argument& argument) {
    if (names_.variables == nullptr) return fail(0, std::string(row.name) + " has no place here");
    std::string name(row.kept_in);
    if (argument.given()) {
      if (argument.integer < 0 || argument.integer >= captured_slots_max)
        return fail(0, fmt::format("{}: expected a number from 0 to {}", row.name, captured_slots_max - 1));
      name += std::to_string(argument.integer);
    }
    argument.variable = *names_.variables->add(name);
    return true;
  }

  const FetchRow* find(std::string_view name) {
    if (const FetchRow* row = find_fetch(name)) return row;
    const std::size_t bar = name.rfind('_');
    if (bar == std::string_view::npos) return nullptr;
    for (const std::string_view suffix : suffixes_) {
      if (name.substr(bar + 1) != suffix) continue;
      result_.suffix = suffix;
      return find_fetch(name.substr(0, bar));
    }
    return nullptr;
  }

  /// Also by a suffix: path_beg for path_begin.
  bool refuse_fetch(std::string_view name) {
    std::string message = fmt::format("\"{}\" is not a known sample fetch", name);
    std::string near = nearest_fetch(name);
    if (near.empty()) message += fmt::format("; a fixed text is str({})", name);
    return fail(0, std::move(message), std::move(near));
  }

  std::string nearest_fetch(std::string_view name) const {
    std::vector<std::string> with_suffixes;
    const std::size_t bar = name.rfind('_');
    if (bar != std::string_view::npos && find_fetch(name.substr(0, bar)) != nullptr) {
      for (const std::string_view suffix : suffixes_)
        with_suffixes.push_back(fmt::format("{}_{}", name.substr(0, bar), suffix));
    }
    std::vector<std::string_view> names(with_suffixes.begin(), with_suffixes.end());
    for (const FetchRow& row : fetches()) names.push_back(row.name);
    return std::string(base::near_miss(name, names));
  }

  bool read_converters(Expression& expression) {
    while (at_ < text_.size()) {
      if (text_[at_] != ',') return fail(at_, "expected ',' and a converter, or nothing more");
      const std::size_t begin = ++at_;
      const std::string_view name = read_name();
      if (name.empty()) return fail(begin, "expected the name of a converter, such as lower");
      const ConverterRow* row = find_converter(name);
      if (row == nullptr)
        return fail(begin, fmt::format("\"{}\" is not a known converter", name), nearest(name, converters()));
      if (!row->keeps_type && !row->takes_anything && !castable(expression.output_, row->input)) {
        return fail(begin, fmt::format("{} takes {}, but what comes before it is {}", name,
                                       type_text(row->input), type_text(expression.output_)));
      }
      Expression::Step step{.input = row->input,
                            .as_it_comes = row->keeps_type || row->takes_anything,
                            .convert = row->convert,
                            .convert_in_context = row->convert_in_context,
                            .arguments = {}};
      if (!read_arguments(*row, step.arguments)) return false;
      if (row->arguments[2] == ArgumentKind::regsub_flags) ignore_case(step.arguments);
      if (!row->map_method.empty() && !find_map(*row, begin, step.arguments[0])) return false;
      if (!row->kept_in.empty() && !find_slot(*row, begin, step.arguments[0])) return false;
      if (!row->keeps_type) expression.output_ = row->output;
      if (row->output_of != nullptr) expression.output_ = row->output_of(step.arguments);
      expression.steps_.push_back(std::move(step));
    }
    return true;
  }

  /// The flag i stands behind the regular expression that it is about.
  void ignore_case(Arguments& arguments) {
    if (arguments[2].text.find('i') == std::string::npos) return;
    (void)make_argument(ArgumentKind::regex, "(?i)" + arguments[0].text, names_, arguments[0]);
  }

  bool find_map(const ConverterRow& row, std::size_t begin, Argument& file) {
    if (names_.patterns == nullptr) return fail(begin, "there are no files here");
    const PatternUse use{.method = row.map_method,
                         .is_map = true,
                         .has_values = true,
                         .replaces_groups = row.map_groups,
                         .output = row.output};
    Fault fault;
    file.lookup = names_.patterns->from_file(file.text, use, fault);
    if (file.lookup != nullptr) return true;
    fault.position = begin + row.name.size() + 1;
    result_.fault = std::move(fault);
    return false;
  }

  /// The slot that a converter captures to, and the variable that keeps it.
  bool find_slot(const ConverterRow& row, std::size_t begin, Argument& slot) {
    if (names_.variables == nullptr) return fail(begin, std::string(row.name) + " has no place here");
    const bool of_response = row.kept_in == captured_response_slot;
    const std::int64_t slots = names_.slots ? (*names_.slots)[of_response ? 1 : 0] : captured_slots_max;
    if (slot.integer < 0 || slot.integer >= slots)
      return fail(begin, names_.slots && slot.integer >= 0
                             ? fmt::format("{}: the frontend has {} slots: capture.{} declares some",
                                           row.name, slots, of_response ? "response_slots" : "request_slots")
                             : fmt::format("{}: expected a number from 0 to {}", row.name, slots - 1));
    slot.variable = *names_.variables->add(std::string(row.kept_in) + std::to_string(slot.integer));
    return true;
  }

  template <class Row>
  bool read_arguments(const Row& row, Arguments& arguments) {
    const std::size_t begin = at_;
    if (!read_arguments(row.name, row.arguments, row.arguments_min, arguments)) return false;
    Fault fault = complete_arguments(row.arguments, row.stored, names_, arguments);
    return fault.message.empty() || fail(begin, std::string(row.name) + ": " + fault.message);
  }

  /// "(a,'b c',d)", or nothing.
  bool read_arguments(std::string_view name, const ArgumentKinds& kinds, std::size_t minimum,
                      Arguments& arguments) {
    const std::size_t begin = at_;
    std::size_t count = 0;
    if (at_ < text_.size() && text_[at_] == '(') {
      do {
        const std::size_t position = ++at_;
        std::string written;
        if (!read_argument(written)) return false;
        const bool empty_list = count == 0 && written.empty() && text_[at_] == ')';
        if (empty_list) break;
        if (count == arguments_max || kinds[count] == ArgumentKind::none)
          return fail(position, fmt::format("{} takes fewer arguments", signature(name, kinds, minimum)));
        if (written.empty() && count >= minimum && kinds[count] != ArgumentKind::text) {
          ++count;
          continue;
        }
        Fault fault = make_argument(kinds[count], std::move(written), names_, arguments[count]);
        if (!fault.message.empty()) {
          fault.position = position;
          result_.fault = std::move(fault);
          return false;
        }
        ++count;
      } while (text_[at_] == ',');
      ++at_;
    }
    if (count >= minimum) return true;
    return fail(begin, fmt::format("{} takes more arguments", signature(name, kinds, minimum)));
  }

  /// Up to the ',' or ')' behind it, which is there.
  bool read_argument(std::string& written) {
    const std::size_t begin = at_;
    char quote = '\0';
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quote == '\0' && (c == ',' || c == ')')) return true;
      if (c == quote) {
        quote = '\0';
      } else if (quote == '\0' && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c == '\\' && quote != '\'' && at_ + 1 < text_.size() && is_escaped(text_[at_ + 1])) {
        written += text_[++at_];
      } else {
        written += c;
      }
    }
    return fail(begin, quote == '\0' ? "the list of arguments is not closed" : "the quote is not closed");
  }

  static bool is_escaped(char c) { return std::string_view("\\'\",() ").find(c) != std::string_view::npos; }

  std::string_view text_;
  const Names& names_;
  std::span<const std::string_view> suffixes_;
  std::size_t at_ = 0;
  ExpressionRead result_;
};

bool Expression::makes_text_of(const Expression& other) const noexcept {
  const auto same = [](const Argument& a, const Argument& b) { return a.kind == b.kind && a.text == b.text; };
  return fetch_ == other.fetch_ && output_ == Type::string && steps_.empty() && other.steps_.empty() &&
         std::ranges::equal(fetch_arguments_, other.fetch_arguments_, same);
}

ExpressionRead read_expression(std::string_view text, const Names& names,
                               std::span<const std::string_view> suffixes) {
  return ExpressionReader(text, names, suffixes).read();
}

std::string_view need_text(Need need) noexcept {
  switch (need) {
    case need_client:
      return "the client's connection";
    case need_request:
      return "the head of an HTTP request";
    case need_response:
      return "the head of an HTTP response";
    case need_head:
      return "the head of an HTTP message";
    case need_content:
    case need_either_content:
      return "the first bytes of a connection";
    case need_server_content:
      return "the first bytes of a server";
    case need_body:
      return "a kept body (http_buffer_request and the rule wait-for-body keep bodies)";
    case need_backend:
      return "the backend that was chosen";
    case need_server:
      return "the server that was chosen";
    case need_server_connection:
      return "the server's connection";
    case need_nothing:
      break;
  }
  return "nothing";
}

std::optional<Fault> unmet_need(unsigned needs, const Phase& phase, std::string_view what,
                                std::size_t position) {
  for (const Need need :
       {need_client, need_request, need_response, need_head, need_backend, need_server, need_content,
        need_server_content, need_either_content, need_body, need_server_connection}) {
    if ((needs & need) == 0 || (phase.has & need) != 0) continue;
    return Fault{position,
                 fmt::format("{} needs {}, which is not there when {}", what, need_text(need), phase.when),
                 {},
                 {}};
  }
  return std::nullopt;
}

}  // namespace corelane::sample
