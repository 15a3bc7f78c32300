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

  /// Moves to the first character of the next token: over blanks, comments, ',' and ':', but not beyond
  /// `limit`.
  void skip_to_token(std::size_t limit = std::string_view::npos);
  /// Moves behind the token that starts here.
  void skip_token();

  /// Moves forward to a byte offset.
  void move_to(std::size_t offset);

  bool at_end() const noexcept { return offset_ == text_.size(); }
  char current() const noexcept { return at_end() ? '\0' : text_[offset_]; }
  std::size_t offset() const noexcept { return offset_; }
  Position position() const noexcept { return position_; }
  /// The last ',' or ':' that skip_to_token() passed, and where it stood; '\0' when it passed none.
  char separator() const noexcept { return separator_; }
  Position separator_position() const noexcept { return separator_position_; }
  std::string_view text_since(std::size_t start) const noexcept {
    return text_.substr(start, offset_ - start);
  }

 private:
  void step();
  bool skip_comment();

  std::string_view text_;
  std::size_t offset_ = 0;
  Position position_{1, 1};
  char separator_ = '\0';
  Position separator_position_;
};

}  // namespace corelane::config
