// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "sample/sample.hpp"

namespace corelane::sample {

/// A text that is written into what the arena has left. One at a time; finish() gives the rest back.
class TextWriter {
 public:
  explicit TextWriter(Arena& arena) : arena_(arena), room_(arena.left()), text_(arena.take(room_)) {}
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;

  void append(std::string_view part) {
    fits_ = fits_ && part.size() <= room_ - size_;
    if (!fits_) return;
    std::copy(part.begin(), part.end(), text_ + size_);
    size_ += part.size();
  }
  void append(char c) { append({&c, 1}); }
  /// With zeros or blanks in front, so that it has so many digits.
  template <class Integer>
  void append_number(Integer number, std::size_t digits = 1, char filling = '0') {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    const auto there = static_cast<std::size_t>(end - text);
    for (std::size_t i = there; i < digits; ++i) append(filling);
    append({text, there});
  }

  std::size_t size() const noexcept { return size_; }
  /// False: there was not enough room.
  bool finish(Sample& sample, Type type = Type::string) {
    arena_.give_back(room_ - size_);
    sample.set(std::string_view(text_, size_), type);
    return fits_;
  }

 private:
  Arena& arena_;
  std::size_t room_;
  char* text_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

}  // namespace corelane::sample
