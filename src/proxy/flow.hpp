// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "io/buffer.hpp"
#include "proxy/pipe_pool.hpp"

namespace corelane::proxy {

/// Buffers that one direction may hold before it stops receiving. A slow reader costs no more than this, plus
/// what the kernel had received before it heard of the stop (receive_cap_buffers).
inline constexpr std::uint32_t flow_leases_max = 4;
inline constexpr std::uint32_t flow_receive_cap_buffers = 4;
/// A receive in flight is stopped when the queue has grown to this all the same (many small messages).
inline constexpr std::uint32_t flow_leases_cancel = 8;
/// Full buffers in a row after which a direction goes through a pipe, and small moves in a row after which it
/// comes back.
inline constexpr std::uint8_t flow_full_run_to_splice = 4;
inline constexpr std::uint8_t flow_small_run_to_copy = 8;

/// One direction of a stream, from its source to its sink: received bytes wait in `queue`, or, while much
/// data flows, in a pipe. Order is kept because the mode changes only while nothing waits and nothing is in
/// flight.
struct Flow {
  enum class Mode : std::uint8_t {
    copying,          // receive into buffers, send from them
    entering_splice,  // receiving has stopped, the queue drains
    splicing,         // poll, splice into the pipe, splice out of it
  };

  /// Nothing is waiting to be sent (a send in flight still holds its buffer in the queue).
  bool drained() const noexcept {
    return queue.empty() && (loan == nullptr || loan->bytes == 0) && !waits_in_source();
  }

  /// Without a buffer: the sink was full, and what it would not take stayed in the source's socket.
  bool waits_in_source() const noexcept { return starved && !sink_ready; }

  /// Drained, and no bytes of the source were seen that it still has: what comes now is the first.
  bool nothing_pending() const noexcept { return drained() && !left_in_source; }

  io::BufferQueue queue;
  std::uint64_t bytes = 0;   // received from the source
  PipeLoan* loan = nullptr;  // while splicing
  Mode mode = Mode::copying;
  std::uint8_t full_run = 0;
  std::uint8_t small_run = 0;
  bool source_ended : 1 = false;    // the source has sent its last byte
  bool sink_ended : 1 = false;      // the sink has been told so, after everything
  bool starved : 1 = false;         // no buffer was free: bytes go from socket to socket (stream_relay.cpp)
  bool source_ready : 1 = false;    // splicing, starved: the source was reported readable
  bool sink_ready : 1 = false;      // splicing, starved: the sink is not known to be full
  bool left_in_source : 1 = false;  // starved: the sink would not take what was seen there
  bool splice_refused : 1 = false;  // the kernel cannot splice these sockets
};

}  // namespace corelane::proxy
