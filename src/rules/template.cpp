// SPDX-License-Identifier: Apache-2.0
#include "rules/template.hpp"

#include <algorithm>
#include <utility>

#include "rules/words.hpp"

namespace corelane::rules {

/// Walks over the text; the first fault ends it.
class TemplateReader {
 public:
  TemplateReader(std::string_view text, const sample::Names& names, const sample::Phase& phase)
      : text_(text), names_(names), phase_(phase) {}

  TemplateRead read() {
    while (at_ < text_.size()) {
      const std::size_t percent = std::min(text_.find('%', at_), text_.size());
      append_text(text_.substr(at_, percent - at_));
      at_ = percent;
      if (at_ < text_.size() && !read_percent()) return std::move(result_);
    }
    result_.made = std::move(template_);
    return std::move(result_);
  }

 private:
  bool fail(std::string message) {
    result_.fault = {at_, std::move(message), {}, {}};
    return false;
  }

  void append_text(std::string_view text) {
    if (text.empty()) return;
    std::vector<Template::Part>& parts = template_.parts_;
    if (parts.empty() || parts.back().expression) parts.emplace_back();
    parts.back().text += text;
  }

  bool read_percent() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("%%")) {
      append_text("%");
      at_ += 2;
      return true;
    }
    if (!rest.starts_with("%[")) return fail("expected %[EXPRESSION], or %% for a percent sign");
    const std::size_t end = closing_bracket(rest);
    if (end == std::string_view::npos) return fail("%[ is not closed");
    at_ += 2;
    sample::ExpressionRead read = sample::read_expression(rest.substr(2, end - 2), names_);
    if (!read.expression) {
      result_.fault = std::move(read.fault);
      result_.fault.position += at_;
      return false;
    }
    if (auto fault =
            sample::unmet_need(read.expression->needs(), phase_, read.expression->fetch_name(), at_)) {
      result_.fault = std::move(*fault);
      return false;
    }
    template_.needs_ |= read.expression->needs();
    template_.parts_.push_back({{}, std::move(read.expression)});
    at_ += end - 1;
    return true;
  }

  /// Outside of quotes; a bracket inside of parentheses belongs to an argument.
  static std::size_t closing_bracket(std::string_view text) {
    Nesting nesting;
    for (std::size_t i = 2; i < text.size(); ++i) {
      if (nesting.outside() && text[i] == ']') return i;
      nesting.pass(text[i]);
    }
    return std::string_view::npos;
  }

  std::string_view text_;
  const sample::Names& names_;
  const sample::Phase& phase_;
  std::size_t at_ = 0;
  Template template_;
  TemplateRead result_;
};

TemplateRead read_template(std::string_view text, const sample::Names& names, const sample::Phase& phase) {
  return TemplateReader(text, names, phase).read();
}

bool Template::append_to(const Evaluation& evaluation, std::span<char> out, std::size_t& used) const {
  for (const Part& part : parts_) {
    std::string_view text = part.text;
    sample::Sample sample;
    if (part.expression) {
      sample::Cursor cursor{.all = false};
      evaluation.arena.reset();
      const sample::Input input{evaluation.context, evaluation.arena};
      if (!part.expression->evaluate(input, cursor, sample) ||
          !sample::cast(sample, sample::Type::string, evaluation.arena)) {
        continue;
      }
      text = sample.text;
    }
    if (text.size() > out.size() - used) return false;
    std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(used));
    used += text.size();
  }
  return true;
}

}  // namespace corelane::rules
