// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace corelane::proto {

/// xxHash's 64-bit hash with seed 0.
std::uint64_t xxh64(std::span<const std::uint8_t> bytes) noexcept;

}  // namespace corelane::proto
