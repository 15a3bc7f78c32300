// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "config/diagnostic.hpp"

namespace corelane::config {

/// Walks over a JSON text beside the parser, token by token, to know where each token stands. The parser has
/// found the text valid as far as the cursor goes, so the cursor only has to find where tokens start and end.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text);

  /// Moves to the first character of the next token: over blanks, comments, ',' and ':'.
  void skip_to_token();
  /// Moves behind the token that starts here.
  void skip_token();

  /// Moves forward to a byte offset.
  void move_to(std::size_t offset);

  bool at_end() const noexcept { return offset_ == text_.size(); }
  char current() const noexcept { return at_end() ? '\0' : text_[offset_]; }
  std::size_t offset() const noexcept { return offset_; }
  Position position() const noexcept { return position_; }
  /// The last ',' that skip_to_token() passed since the previous token, if it did.
  bool passed_comma() const noexcept { return passed_comma_; }
  Position comma_position() const noexcept { return comma_position_; }
  std::string_view text_since(std::size_t start) const noexcept {
    return text_.substr(start, offset_ - start);
  }

 private:
  void step();
  bool skip_comment();

  std::string_view text_;
  std::size_t offset_ = 0;
  Position position_{1, 1};
  bool passed_comma_ = false;
  Position comma_position_;
};

}  // namespace corelane::config
