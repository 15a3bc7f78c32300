// SPDX-License-Identifier: Apache-2.0
#include "base/append_format.hpp"

#include <iterator>

namespace corelane::base {

void append_formatted(fmt::memory_buffer& out, fmt::string_view format, fmt::format_args arguments) {
  fmt::vformat_to(std::back_inserter(out), format, arguments);
}

}  // namespace corelane::base
