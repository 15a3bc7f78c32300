// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace corelane::base {

/// Prints the broken condition with its place and aborts. Used by CORELANE_CHECK only.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace corelane::base

/// States what only a programming error can break, in every build. Input from peers, files and the
/// kernel is never checked with this: it gets an error value.
#define CORELANE_CHECK(condition)                                     \
  do {                                                                \
    if (!(condition)) [[unlikely]]                                    \
      ::corelane::base::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
