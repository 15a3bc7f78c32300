// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tls/connection.hpp"

namespace corelane::tls {

/// What the library's errors mean, of which there are several for one cause; it forgets them. `unverified`: a
/// certificate was looked at and refused.
Error take_error(bool unverified) noexcept;

}  // namespace corelane::tls
