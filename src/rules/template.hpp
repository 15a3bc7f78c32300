// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/condition.hpp"

namespace corelane::rules {

/// A text with samples in it: "https://%[hdr(host),lower]%[path]". %% is one percent sign, and %ci and the
/// like are what format_names() has, with the flags of log lines. A sample that is not there leaves its place
/// empty.
class Template {
 public:
  /// Appends to `out`, which begins at `used`. False: there is not enough room.
  bool append_to(const Evaluation& evaluation, std::span<char> out, std::size_t& used) const;
  bool empty() const noexcept { return parts_.empty(); }
  /// What its samples need together: bits of sample::Need.
  unsigned needs() const noexcept { return needs_; }

 private:
  friend class TemplateReader;

  struct Part {
    std::string text;
    std::optional<sample::Expression> expression;  // instead of the text
    bool hexadecimal = false;
    bool escape = false;
  };
  std::vector<Part> parts_;
  unsigned needs_ = 0;
};

struct TemplateRead {
  std::optional<Template> made;  // none: see fault
  sample::Fault fault;
};

/// Reads a template that is to be filled in during this phase.
TemplateRead read_template(std::string_view text, const sample::Names& names, const sample::Phase& phase);

}  // namespace corelane::rules
