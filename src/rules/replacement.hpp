// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <string_view>

#include "sample/sample.hpp"

namespace corelane::rules {

/// Whether a part of the text matches.
bool matches(const re2::RE2& regex, std::string_view text);

/// What becomes of a text a part of which matches: `format`, in which \0 to \9 stand for the match and its
/// groups. The result lies in the arena.
enum class Replaced : std::uint8_t { no_match, done, too_long };
Replaced replace_match(const re2::RE2& regex, std::string_view text, std::string_view format,
                       sample::Arena& arena, std::string_view& result);

}  // namespace corelane::rules
