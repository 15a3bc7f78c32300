// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tls/connection.hpp"

namespace corelane::tls {

/// What the library's error means. `unverified`: a certificate was looked at and refused.
Error error_of(std::uint32_t packed, bool unverified) noexcept;

}  // namespace corelane::tls
