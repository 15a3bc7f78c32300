// SPDX-License-Identifier: Apache-2.0
#include "rules/template.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/near_miss.hpp"
#include "sample/format_names.hpp"
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
    if (piece.kind == Kind::text || piece.kind == Kind::blanks) return add_text(piece.text);
    if (piece.flags.quote) add_text("\"");
    if (piece.kind == Kind::name) {
      add_name(piece);
    } else {
      add_expression(piece);
    }
    if (piece.flags.quote) add_text("\"");
  }

  /// A name stands for a text with samples, whose faults are the name's.
  void add_name(const sample::FormatPiece& piece) {
    const sample::FormatName* const name = sample::find_format_name(piece.text);
    if (name == nullptr) {
      std::vector<std::string_view> known;
      for (const sample::FormatName& row : sample::format_names()) known.push_back(row.name);
      result_.fault = {piece.position,
                       fmt::format("\"%{}\" is not known", piece.text),
                       {},
                       std::string(base::near_miss(piece.text, known))};
      return;
    }
    if (name->text.empty()) {
      result_.fault = {
          piece.position,
          fmt::format("\"%{}\" is known when a log line is written, not when {}", piece.text, phase_.when),
          {},
          {}};
      return;
    }
    for (sample::FormatPiece part : sample::read_format_text(name->text).pieces) {
      part.position = piece.position;
      part.flags = {.hexadecimal = piece.flags.hexadecimal, .escape = piece.flags.escape};
      if (part.kind == sample::FormatPiece::Kind::expression) {
        add_expression(part, name);
      } else {
        add_text(part.text);
      }
    }
  }

  static bool has_hexadecimal(const sample::Expression& expression) {
    return expression.output() == sample::Type::address || expression.output() == sample::Type::sint;
  }

  void add_text(std::string_view text) {
    std::vector<Template::Part>& parts = template_.parts_;
    if (parts.empty() || parts.back().expression) parts.emplace_back();
    parts.back().text += text;
  }

  void add_expression(const sample::FormatPiece& piece, const sample::FormatName* name = nullptr) {
    sample::ExpressionRead read = sample::read_expression(piece.text, names_);
    if (!read.expression) {
      result_.fault = std::move(read.fault);
      result_.fault.position += piece.position;
      return;
    }
    const std::string what =
        name != nullptr ? fmt::format("%{}", name->name) : std::string(read.expression->fetch_name());
    if (auto fault = sample::unmet_need(read.expression->needs(), phase_, what, piece.position)) {
      result_.fault = std::move(*fault);
      return;
    }
    template_.needs_ |= read.expression->needs();
    // Only what has a name is written in another way.
    const bool hexadecimal = name != nullptr && piece.flags.hexadecimal && has_hexadecimal(*read.expression);
    template_.parts_.push_back({{}, std::move(read.expression), hexadecimal, piece.flags.escape});
  }

  const sample::Names& names_;
  const sample::Phase& phase_;
  Template template_;
  TemplateRead result_;
};

TemplateRead read_template(std::string_view text, const sample::Names& names, const sample::Phase& phase) {
  return TemplateReader(names, phase).read(text);
}

namespace {

/// False: there is not enough room.
bool append(std::string_view text, bool escape, std::span<char> out, std::size_t& used) {
  for (const char character : text) {
    const bool special =
        escape && sample::special_in_structured_data.find(character) != std::string_view::npos;
    if (out.size() - used < (special ? 2U : 1U)) return false;
    if (special) out[used++] = '\\';
    out[used++] = character;
  }
  return true;
}

}  // namespace

bool Template::append_to(const Evaluation& evaluation, std::span<char> out, std::size_t& used) const {
  for (const Part& part : parts_) {
    std::string_view text = part.text;
    sample::Sample sample;
    if (part.expression) {
      if (!part.expression->make({evaluation.context, evaluation.arena}, sample) ||
          !(part.hexadecimal ? sample::make_hexadecimal(sample, evaluation.arena)
                             : sample::cast(sample, sample::Type::string, evaluation.arena))) {
        continue;
      }
      text = sample.text;
    }
    if (!append(text, part.escape, out, used)) return false;
  }
  return true;
}

}  // namespace corelane::rules
