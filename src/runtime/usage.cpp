// SPDX-License-Identifier: Apache-2.0
#include "runtime/usage.hpp"

#include <fmt/format.h>

#include "base/near_miss.hpp"

namespace corelane::runtime {

std::string usage_suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  const std::string_view near = base::near_miss(word, views);
  return near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
}

}  // namespace corelane::runtime
