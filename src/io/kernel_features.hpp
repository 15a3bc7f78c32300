// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <liburing.h>

#include <string>

#include "io/ring.hpp"

/// What newer kernels offer and liburing 2.3 has no name for, how it is found out, and what to say when
/// something is missing: this is the one place that knows.
namespace corelane::io {

/// Linux 6.17: a multishot receive ends by itself after this many bytes; stands where liburing 2.3 has
/// file_index.
inline void sqe_set_receive_cap(io_uring_sqe& sqe, std::uint32_t bytes) {
  sqe.file_index = bytes;
}

/// Tries a capped multishot receive on a ring that has a provided-buffer group 0 with at least one buffer.
/// Gives back the buffer's number in `buffer_used`, -1 when none was used.
bool probe_receive_cap(io_uring& ring, int& buffer_used);

/// Why the kernel refused a ring (io_uring_queue_init's -errno), and the command that mends it.
std::string ring_refusal_text(int error);

}  // namespace corelane::io
