// SPDX-License-Identifier: Apache-2.0
#include "sample/format_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sample/nesting.hpp"

namespace corelane::sample {

namespace {

constexpr std::string_view name_of_flags_alone = "o";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Outside of quotes; a bracket inside of parentheses belongs to an argument.
std::size_t closing_bracket(std::string_view text) {
  Nesting nesting;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (nesting.outside() && text[i] == ']') return i;
    nesting.pass(text[i]);
  }
  return std::string_view::npos;
}

/// Walks over the text; the first fault ends it.
class FormatReader {
 public:
  explicit FormatReader(std::string_view text) : text_(text) {}

  FormatText read() {
    while (at_ < text_.size() && !result_.fault) {
      if (text_[at_] == '%') {
        read_percent();
      } else {
        read_plain();
      }
    }
    return std::move(result_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  void fail(std::size_t position, std::string message, std::vector<std::string> allowed = {}) {
    result_.fault = {position, std::move(message), std::move(allowed), {}};
  }
  void add(FormatPiece::Kind kind, std::size_t bytes, FormatFlags flags = {}) {
    result_.pieces.push_back({kind, rest().substr(0, bytes), at_, flags});
    at_ += bytes;
  }

  void read_plain() {
    const bool blank = rest().front() == ' ';
    const std::size_t end = blank ? rest().find_first_not_of(' ') : rest().find_first_of(" %");
    add(blank ? FormatPiece::Kind::blanks : FormatPiece::Kind::text, std::min(end, rest().size()));
  }

  void read_percent() {
    const std::size_t begin = at_++;
    if (rest().starts_with('%')) return add(FormatPiece::Kind::text, 1);
    FormatFlags flags = flags_;
    if (rest().starts_with('{') && !read_flags(flags)) return;
    if (rest().starts_with('[')) return read_expression_piece(begin, flags);
    const auto end = std::find_if_not(rest().begin(), rest().end(), is_name_character);
    const auto bytes = static_cast<std::size_t>(end - rest().begin());
    if (bytes == 0) return fail(begin, "expected %NAME, %[EXPRESSION], or %% for a percent sign");
    if (rest().substr(0, bytes) == name_of_flags_alone) {
      flags_ = flags;
      at_ += bytes;
      return;
    }
    add(FormatPiece::Kind::name, bytes, flags);
  }

  void read_expression_piece(std::size_t begin, FormatFlags flags) {
    ++at_;
    const std::size_t end = closing_bracket(rest());
    if (end == std::string_view::npos) return fail(begin, "%[ is not closed");
    add(FormatPiece::Kind::expression, end, flags);
    ++at_;
  }

  // {+Q,-E}
  bool read_flags(FormatFlags& flags) {
    const std::size_t end = rest().find('}');
    if (end == std::string_view::npos) {
      fail(at_, "{ is not closed");
      return false;
    }
    const std::size_t behind = at_ + end + 1;
    ++at_;
    while (at_ < behind) {
      if (!read_flag(flags)) return false;
      if (at_ + 1 < behind && text_[at_] != ',') {
        fail(at_, "expected ',' or '}'");
        return false;
      }
      ++at_;
    }
    return true;
  }

  bool read_flag(FormatFlags& flags) {
    const std::string_view flag = rest().substr(0, 2);
    const bool known = flag.size() == 2 && (flag[0] == '+' || flag[0] == '-') &&
                       (flag[1] == 'Q' || flag[1] == 'X' || flag[1] == 'E');
    if (!known) {
      fail(at_, "unknown flag", {"+Q", "-Q", "+X", "-X", "+E", "-E"});
      return false;
    }
    bool& changed = flag[1] == 'Q' ? flags.quote : flag[1] == 'X' ? flags.hexadecimal : flags.escape;
    changed = flag[0] == '+';
    at_ += 2;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  FormatFlags flags_;
  FormatText result_;
};

}  // namespace

std::string_view hexadecimal_text(const base::Endpoint& address, HexText& memory) {
  const std::size_t bytes = address.family == base::Family::ipv4 ? 4 : 16;
  char* end = memory.data();
  for (std::size_t i = 0; i < bytes; ++i) end = fmt::format_to(end, "{:02X}", address.ip[i]);
  return {memory.data(), static_cast<std::size_t>(end - memory.data())};
}

std::string_view hexadecimal_text(std::uint64_t number, HexText& memory) {
  const char* const end = fmt::format_to(memory.data(), "{:04X}", number);
  return {memory.data(), static_cast<std::size_t>(end - memory.data())};
}

bool make_hexadecimal(Sample& sample, Arena& arena) {
  HexText memory;
  const std::string_view text = sample.type == Type::address
                                    ? hexadecimal_text(sample.address, memory)
                                    : hexadecimal_text(static_cast<std::uint64_t>(sample.integer), memory);
  char* const copy = arena.take(text.size());
  if (copy == nullptr) return false;
  std::copy(text.begin(), text.end(), copy);
  sample.set(std::string_view(copy, text.size()));
  return true;
}

FormatText read_format_text(std::string_view text) {
  return FormatReader(text).read();
}

}  // namespace corelane::sample
