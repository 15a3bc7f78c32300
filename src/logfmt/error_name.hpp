// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace corelane::logfmt {

/// "ECONNREFUSED" for an error number that can end a connection; empty for others.
std::string_view error_name(std::int32_t error_number);

}  // namespace corelane::logfmt
