// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace corelane::base {

/// Reads a duration such as "250ms", "5s", "10m", "1h", "2d" (one number, one unit out of us ms s m h d;
/// a bare "0" needs no unit). Returns milliseconds, sub-millisecond values rounded up.
/// Empty on anything else and on overflow.
std::optional<std::int64_t> duration_ms_from_text(std::string_view text);

/// The shortest exact spelling: 5000 -> "5s", 250 -> "250ms", 0 -> "0".
std::string duration_text(std::int64_t ms);

/// Reads a size such as "512", "64k", "1m", "2g" (binary multiples, either case). Empty otherwise.
std::optional<std::uint64_t> size_bytes_from_text(std::string_view text);

/// The shortest exact spelling: 65536 -> "64k".
std::string size_text(std::uint64_t bytes);

}  // namespace corelane::base
