// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <re2/re2.h>

#include <string_view>

#include "sample/sample.hpp"

namespace corelane::sample {

/// Makes the sample, a text that the expression matches, the template with its groups filled in: \0 to \9;
/// any other character behind \ stands for itself. False: there is not enough room.
bool fill_in_groups(const re2::RE2& regex, std::string_view replacement, Arena& arena, Sample& sample);

}  // namespace corelane::sample
