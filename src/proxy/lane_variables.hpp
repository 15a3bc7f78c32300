// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "proxy/zeroed_array.hpp"
#include "sample/variables.hpp"

namespace corelane::proxy {

/// The variables of one lane's sessions and streams: two blocks for each place in the lane's pool of streams,
/// in memory that is touched where a variable is set. Made only where rules name some.
class LaneVariables {
 public:
  /// Of all texts of a session's variables, and of a stream's, together.
  static constexpr std::size_t text_bytes = 4096;

  /// `captured_bytes`: what slots of a frontend's log lines may have, which a stream has beside those.
  LaneVariables(const sample::VariableNames& names, std::uint32_t streams, std::size_t captured_bytes);

  sample::VariableBlock of_session(std::uint32_t stream) noexcept {
    return block(stream, 0, session_bytes_, names_.of_session());
  }
  sample::VariableBlock of_stream(std::uint32_t stream) noexcept {
    return block(stream, session_bytes_, stream_bytes_, names_.of_stream());
  }
  const sample::VariableNames& names() const noexcept { return names_; }

 private:
  sample::VariableBlock block(std::uint32_t stream, std::size_t offset, std::size_t bytes,
                              std::size_t slots) noexcept;

  const sample::VariableNames& names_;
  std::size_t session_bytes_;
  std::size_t stream_bytes_;
  ZeroedArray<std::byte> memory_;
};

}  // namespace corelane::proxy
