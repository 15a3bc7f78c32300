// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace corelane::control {

/// The page dashboard.html, built into the program.
std::string_view dashboard_html();

}  // namespace corelane::control
