// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace corelane::stick {

/// What nobody outside knows: clients could otherwise choose keys that all fall into one bucket.
using HashSeed = std::array<std::uint64_t, 2>;

/// SipHash-1-3 of the words' bytes, in this machine's order.
std::uint64_t key_hash(const HashSeed& seed, std::span<const std::uint32_t> words) noexcept;

}  // namespace corelane::stick
