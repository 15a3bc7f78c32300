// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace corelane::runtime {

/// `; did you mean "check"?` when one of the candidates is close to the word, or nothing.
std::string usage_suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace corelane::runtime
