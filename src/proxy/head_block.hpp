// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/check.hpp"

namespace corelane::proxy {

/// Memory for one HTTP head outside of receive buffers: one that comes in pieces, so that a slow peer holds
/// no buffer, or one that is sent with what we changed. What of the body goes along with it follows the head.
struct HeadBlock {
  /// The largest head (config::HttpLimits::head_bytes), and what our own fields may add to it.
  static constexpr std::uint32_t head_bytes_max = 16 * 1024;
  static constexpr std::uint32_t bytes_max = head_bytes_max + 3 * 1024;

  HeadBlock() noexcept {}  // leaves the bytes as they are

  std::string_view text() const noexcept { return {bytes.data(), size}; }
  std::string_view unsent() const noexcept { return text().substr(sent); }
  std::span<char> room() noexcept { return std::span(bytes).subspan(size); }

  void append(std::string_view text) noexcept {
    CORELANE_CHECK(text.size() <= bytes_max - size);
    std::copy(text.begin(), text.end(), bytes.begin() + size);
    size += static_cast<std::uint32_t>(text.size());
  }

  std::uint32_t size = 0;
  std::uint32_t sent = 0;
  std::array<char, bytes_max> bytes;
};

}  // namespace corelane::proxy
