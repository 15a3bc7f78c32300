// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "io/socket_options.hpp"

namespace corelane::runtime {

/// The configuration's key for the option: "transparent".
std::string_view option_name(io::SocketOption option);

/// What takes which capability and how a process gets it, to be appended to "Operation not permitted".
std::string option_permission_hint(io::SocketOption option);

}  // namespace corelane::runtime
