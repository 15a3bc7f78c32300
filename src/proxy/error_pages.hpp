// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace corelane::proxy {

/// The answers that the proxy gives in place of a server: whole responses, head and body, as they are sent.
class ErrorPages {
 public:
  /// Of a status without a page of its own, that of its class. Lives as long as this.
  std::string_view page(std::uint32_t frontend, std::uint32_t backend, std::uint16_t status) const noexcept;
};

}  // namespace corelane::proxy
