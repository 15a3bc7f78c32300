// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sample/fault.hpp"
#include "sample/registry.hpp"

namespace corelane::sample {

/// A fetch and the converters behind it, made ready: "hdr(host),lower". Evaluating it walks function
/// pointers.
class Expression {
 public:
  /// False: there is no such sample. Called again with the same cursor, while that says that there is more,
  /// it takes the next value.
  bool evaluate(const Input& input, Cursor& cursor, Sample& sample) const {
    cursor.more = cursor.may_change = false;
    if (!fetch_->fetch(fetch_arguments_, input, cursor, sample)) return false;
    for (const Step& step : steps_)
      if (!step.apply(input, sample)) return false;
    return true;
  }

  /// One value, in an arena that begins anew. False: there is no such sample.
  bool make(const Input& input, Sample& sample) const {
    input.arena.reset();
    Cursor cursor{.all = false};
    return evaluate(input, cursor, sample);
  }
  /// Likewise, as this type.
  bool make(const Input& input, Type type, Sample& sample) const {
    return make(input, sample) && cast(sample, type, input.arena);
  }

  Type output() const noexcept { return output_; }
  unsigned needs() const noexcept {
    const bool of_chosen = fetch_->arguments[0] == ArgumentKind::backend && !fetch_arguments_[0].given();
    return fetch_->needs | (of_chosen ? need_backend : need_nothing);
  }
  std::string_view fetch_name() const noexcept { return fetch_->name; }
  /// Both are the same fetch of a text, without converters.
  bool makes_text_of(const Expression& other) const noexcept;
  /// It makes the version of a protocol, which patterns may write as 3.1.
  bool makes_version() const noexcept { return fetch_->makes_version && steps_.empty(); }

 private:
  friend class ExpressionReader;

  struct Step {
    Type input = Type::string;  // the sample is cast to it
    bool as_it_comes = false;   // or is not
    ConvertFunction* convert = nullptr;
    ConvertInContextFunction* convert_in_context = nullptr;  // instead
    Arguments arguments;

    bool apply(const Input& evaluated_on, Sample& sample) const {
      if (!as_it_comes && !cast(sample, input, evaluated_on.arena)) return false;
      if (convert_in_context != nullptr) return convert_in_context(arguments, evaluated_on, sample);
      return convert(arguments, evaluated_on.arena, sample);
    }
  };

  const FetchRow* fetch_ = nullptr;
  Arguments fetch_arguments_;
  std::vector<Step> steps_;
  Type output_ = Type::string;
};

struct ExpressionRead {
  std::optional<Expression> expression;  // none: see fault
  std::string_view suffix;               // of `suffixes`: the fetch's name was followed by '_' and this
  Fault fault;
};

/// Reads an expression. `path_beg` is the fetch `path` with the suffix `beg`, where `suffixes` has it and no
/// fetch has the whole name.
ExpressionRead read_expression(std::string_view text, const Names& names,
                               std::span<const std::string_view> suffixes = {});

/// Every need that the phase does not meet is a fault: at `position`, of what is called `what`.
std::optional<Fault> unmet_need(unsigned needs, const Phase& phase, std::string_view what,
                                std::size_t position);

}  // namespace corelane::sample
