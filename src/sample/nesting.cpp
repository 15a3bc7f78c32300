// SPDX-License-Identifier: Apache-2.0
#include "sample/nesting.hpp"

namespace corelane::sample {

void Nesting::pass(char c) noexcept {
  if (escaped_) {
    escaped_ = false;
  } else if (c == '\\' && quote_ != '\'') {
    escaped_ = true;
  } else if (c == quote_) {
    quote_ = '\0';
  } else if (quote_ == '\0' && depth_ != 0 && (c == '"' || c == '\'')) {
    quote_ = c;
  } else if (quote_ == '\0' && c == '(') {
    ++depth_;
  } else if (quote_ == '\0' && c == ')' && depth_ != 0) {
    --depth_;
  }
}

}  // namespace corelane::sample
