// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace corelane::base {

/// The candidate that `word` most likely meant: the one with the smallest edit distance (a swap of two
/// neighbours counts as one edit, case is ignored, '-' equals '_'), if that is at most a third of the word's
/// length, at least one edit being always allowed. Empty when none is close enough.
std::string_view near_miss(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace corelane::base
