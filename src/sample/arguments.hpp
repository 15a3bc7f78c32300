// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sample/expression.hpp"

namespace corelane::sample {

/// Makes one argument ready. The fault, an empty message where there is none, has no position.
Fault make_argument(ArgumentKind kind, std::string written, const Names& names, Argument& argument);

}  // namespace corelane::sample
