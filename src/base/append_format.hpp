// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <utility>

namespace corelane::base {

void append_formatted(fmt::memory_buffer& out, fmt::string_view format, fmt::format_args arguments);

/// What fmt::format_to does. That one is a template with all that fmt can write inside, which every file that
/// calls it would compile anew.
template <class... Arguments>
void append_format(fmt::memory_buffer& out, fmt::format_string<Arguments...> format,
                   Arguments&&... arguments) {
  append_formatted(out, format, fmt::make_format_args(arguments...));
}

}  // namespace corelane::base
