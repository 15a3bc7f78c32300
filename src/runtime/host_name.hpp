// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace corelane::runtime {

/// The machine's name, as the kernel knows it.
std::string host_name();

}  // namespace corelane::runtime
