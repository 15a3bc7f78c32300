// SPDX-License-Identifier: Apache-2.0
#include "rules/template.hpp"

#include <algorithm>
#include <utility>

#include "sample/format_text.hpp"

namespace corelane::rules {

class TemplateReader {
 public:
  TemplateReader(const sample::Names& names, const sample::Phase& phase) : names_(names), phase_(phase) {}

  TemplateRead read(std::string_view text) {
    sample::FormatText format = sample::read_format_text(text);
    for (const sample::FormatPiece& piece : format.pieces) {
      if (result_.fault.message.empty()) add(piece);
    }
    if (!result_.fault.message.empty()) return std::move(result_);
    if (format.fault) return {{}, std::move(*format.fault)};
    result_.made = std::move(template_);
    return std::move(result_);
  }

 private:
  void add(const sample::FormatPiece& piece) {
    using Kind = sample::FormatPiece::Kind;
    if (piece.kind == Kind::name) {
      result_.fault = {piece.position, "expected %[EXPRESSION], or %% for a percent sign", {}, {}};
    } else if (piece.kind == Kind::expression) {
      add_expression(piece);
    } else {
      add_text(piece.text);
    }
  }

  void add_text(std::string_view text) {
    std::vector<Template::Part>& parts = template_.parts_;
    if (parts.empty() || parts.back().expression) parts.emplace_back();
    parts.back().text += text;
  }

  void add_expression(const sample::FormatPiece& piece) {
    sample::ExpressionRead read = sample::read_expression(piece.text, names_);
    if (!read.expression) {
      result_.fault = std::move(read.fault);
      result_.fault.position += piece.position;
      return;
    }
    if (auto fault = sample::unmet_need(read.expression->needs(), phase_, read.expression->fetch_name(),
                                        piece.position)) {
      result_.fault = std::move(*fault);
      return;
    }
    template_.needs_ |= read.expression->needs();
    template_.parts_.push_back({{}, std::move(read.expression)});
  }

  const sample::Names& names_;
  const sample::Phase& phase_;
  Template template_;
  TemplateRead result_;
};

TemplateRead read_template(std::string_view text, const sample::Names& names, const sample::Phase& phase) {
  return TemplateReader(names, phase).read(text);
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
