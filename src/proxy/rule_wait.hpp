// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace corelane::proxy {

/// Where the rules of an HTTP message have stopped, what they wait for, and how they go on. All of it as it
/// is made: they begin with the first one.
struct RuleWait {
  enum class For : std::uint8_t { nothing, body, time, handshake };

  bool waits() const noexcept { return what != For::nothing; }

  std::int64_t time_ms = 0;      // 0: there is no end of its own
  std::uint32_t body_bytes = 0;  // that are enough
  std::uint32_t next = 0;        // the rule that they go on with
  For what = For::nothing;
  bool second_list = false;  // of a request the backend's, of a response the frontend's
  bool strict = true;        // strict-mode
  bool buffered = false;     // http_buffer_request of this list's owner is served
  bool inspected = false;    // its rules about content have been looked at
};

}  // namespace corelane::proxy
