// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sample/expression.hpp"

/// The grammar of texts with values in them, HAProxy's log format (its manual, 8.2.6):
///
///     %ci:%cp [%tr] %ft %{+Q}r %[var(txn.user)] %{+X,-Q}Ts 100%%
///
/// %NAME stands for a value that has a name, %[EXPRESSION] for a sample, %% for a percent sign. Flags in
/// braces change how one value is written; behind %o they hold for all that follow.
namespace corelane::sample {

struct FormatFlags {
  bool quote = false;        // Q: in double quotes
  bool hexadecimal = false;  // X: addresses, ports and some numbers
  bool escape = false;       // E: a backslash before '"', '\\' and ']', for structured data of RFC 5424

  friend bool operator==(const FormatFlags&, const FormatFlags&) = default;
};

/// How addresses, ports and numbers are written with +X: "7F000001", "B988".
using HexText = std::array<char, 32>;
std::string_view hexadecimal_text(const base::Endpoint& address, HexText& memory);
std::string_view hexadecimal_text(std::uint64_t number, HexText& memory);
/// An address or an integer becomes that text. False: there is no room.
bool make_hexadecimal(Sample& sample, Arena& arena);
/// What +E puts a backslash in front of.
inline constexpr std::string_view special_in_structured_data = "\"\\]";

struct FormatPiece {
  enum class Kind : std::uint8_t {
    text,
    blanks,  // some, which log lines make one of
    name,
    expression,
  };
  Kind kind = Kind::text;
  std::string_view text;     // as written; what stands between the brackets; into the format or static
  std::size_t position = 0;  // of `text`, in the format
  FormatFlags flags;
};

struct FormatText {
  std::vector<FormatPiece> pieces;
  std::optional<Fault> fault;
};
FormatText read_format_text(std::string_view text);

}  // namespace corelane::sample
