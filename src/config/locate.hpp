// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "config/diagnostic.hpp"

namespace corelane::config {

/// For faults that were found after `text` was read, in what it names: each without a position gets that of
/// the value at its json_path or, where the file leaves that to a default, of the innermost value around it.
void locate(std::string_view text, std::span<Diagnostic> diagnostics);

}  // namespace corelane::config
