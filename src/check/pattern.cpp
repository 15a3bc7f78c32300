// SPDX-License-Identifier: Apache-2.0
#include "check/pattern.hpp"

#include <re2/re2.h>

#include "base/check.hpp"

namespace corelane::check {
namespace {

constexpr std::int64_t compiled_bytes_max = 1 << 20;

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // one character per byte
  options.set_log_errors(false);
  options.set_max_mem(compiled_bytes_max);
  return options;
}

bool matches(const re2::RE2& expression, std::string_view text, std::size_t size) {
  return expression.Match(re2::StringPiece(text.data(), text.size()), 0, size, re2::RE2::UNANCHORED, nullptr,
                          0);
}

}  // namespace

struct Pattern::Compiled {
  re2::RE2 expression;
};

Pattern::Pattern(const std::string& expression) : compiled_(new Compiled{re2::RE2(expression, options())}) {
  CORELANE_CHECK(compiled_->expression.ok());
}

Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

std::string Pattern::fault(const std::string& expression) {
  return re2::RE2(expression, options()).error();
}

std::size_t Pattern::first_end(std::string_view text) const {
  if (!matches(compiled_->expression, text, text.size())) return none;
  // A beginning that matches goes on matching as it grows, so the shortest one is found by halving.
  std::size_t shortest = 0;
  std::size_t matching = text.size();
  while (shortest < matching) {
    const std::size_t middle = shortest + (matching - shortest) / 2;
    if (matches(compiled_->expression, text, middle)) {
      matching = middle;
    } else {
      shortest = middle + 1;
    }
  }
  return matching;
}

}  // namespace corelane::check
