// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "tls/context.hpp"

namespace corelane::proxy {

/// What the binds of one lane know of TLS: [frontend][bind], null where there is none. Each lane has its own,
/// which its thread alone uses; made before lanes start, or by the control thread to replace some.
using TlsBinds = std::vector<std::vector<std::unique_ptr<tls::ServerContext>>>;

}  // namespace corelane::proxy
