// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sample/nesting.hpp"

namespace corelane::rules {

/// One word of a condition, between blanks.
struct Word {
  std::string text;          // without quotes and escapes
  std::string_view written;  // as it stands there
  std::size_t position = 0;

  /// It is that mark itself, and not a text that looks like it.
  bool is(std::string_view mark) const noexcept { return written == mark; }
};

/// Takes a condition apart. "..." and '...' hold a word with blanks together; \ before a blank, a quote, #
/// or itself stands for that character, \n \r \t and \xHH for one byte. Any other \ stays, as regular
/// expressions want it.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  /// False at the end, or at a fault.
  bool next(Word& word);
  /// A sample expression, whose arguments have quotes of their own: as it is written.
  bool next_expression(Word& word);

  bool at_end();
  /// Where the next word begins.
  std::size_t position();
  /// Makes a word's first character one that was not read.
  void back_to(std::size_t position) { at_ = position; }
  /// A quote is open at the end; `position` is its own.
  bool unclosed() const noexcept { return unclosed_; }
  std::size_t unclosed_at() const noexcept { return unclosed_at_; }

 private:
  void skip_blanks();
  bool read_escape(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
  bool unclosed_ = false;
  std::size_t unclosed_at_ = 0;
};

}  // namespace corelane::rules
