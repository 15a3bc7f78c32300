// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/time.hpp"
#include "io/buffer.hpp"
#include "io/op.hpp"
#include "io/socket.hpp"

namespace corelane::io {

struct RingOptions {
  std::uint32_t submission_entries = 1024;  // power of two; a full queue is submitted early, never an error
  std::uint32_t completion_entries = 8192;
  std::uint32_t buffer_size = 16 * 1024;
  std::uint32_t buffers_max = 4096;        // leased and offered buffers together
  std::uint32_t buffers_reserved = 0;      // beyond those: for receive_reserved()
  std::uint32_t buffers_offered_min = 16;  // offered to the kernel at first; doubled when it ran out of them
  std::uint32_t buffers_offered_max = 1024;  // power of two
};

/// What of io_uring is in use, for the start-up output.
struct RingFeatures {
  bool single_issuer = false;
  bool defer_taskrun = false;
  bool receive_multishot_capped = false;  // multishot receive that ends after a number of bytes (Linux 6.17)
  std::string text() const;               // "single_issuer defer_taskrun ..."
};

struct RingCounters {
  std::uint64_t submit_calls = 0;
  std::uint64_t completions = 0;
  std::uint64_t completion_overflows = 0;  // completions that the kernel had to keep back
  std::uint64_t buffers_exhausted = 0;     // receives that ended for want of a buffer (ENOBUFS)
  std::uint64_t submission_queue_full = 0;
};

enum class Readiness : std::uint8_t {
  readable,
  writable,
  ended,  // the peer has said its last byte, read or not
};

/// A ring of operations against the kernel: one per thread, used by that thread only (`wake` aside).
/// Linked against ring_uring.cpp in the program and against the seeded ring_sim.cpp in simulated tests.
///
/// Every submission takes an Op that is not in flight. Nothing reaches the kernel before submit_and_wait. At
/// most one send per socket may be in flight (more would reorder).
class Ring {
 public:
  /// Null when the kernel refuses; `failure` then says what is missing and which command mends it.
  static std::unique_ptr<Ring> create(const RingOptions& options, std::string& failure);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  /// No operation may be in flight.
  ~Ring();

  /// Completion: the accepted descriptor (non-blocking, close-on-exec). Multishot goes on until it fails or
  /// is cancelled; each completion carries `more`. After a cancel one more descriptor may come, which must be
  /// closed.
  void accept(Op& op, Descriptor listener, bool multishot);
  /// `address` must live until the next submit_and_wait returns. Completion: 0.
  void connect(Op& op, Descriptor socket, const SocketAddress& address);
  /// Receives into buffers of the pool. Completion: bytes with their lease; 0 at end of stream; -ENOBUFS when
  /// no buffer was free (arm again when buffers_receivable() says so, in turn with the others). Where the
  /// kernel can, the operation completes several times (`more`) and ends by itself once about `bytes_cap`
  /// bytes came; otherwise it completes once.
  void receive(Op& op, Descriptor socket, std::uint32_t bytes_cap);
  /// Receives at once, without waiting, into a buffer of the pool's reserve: bytes with their lease; 0 at end
  /// of stream; -EAGAIN; -ENOBUFS when the reserve is used up. No receive may be in flight on the socket.
  std::int32_t receive_reserved(Descriptor socket, BufferLease& lease);
  /// A whole buffer of the pool for bytes that are made of others, of its reserve where no other is left. Empty:
  /// nor is there one in the reserve.
  BufferLease take_buffer();
  /// `bytes` must live until the completion. Completion: bytes taken, possibly fewer.
  void send(Op& op, Descriptor socket, std::span<const std::byte> bytes);
  /// Completes once when the descriptor is ready (or has failed or ended: any result >= 0).
  void poll(Op& op, Descriptor descriptor, Readiness readiness);
  /// Asks for an early end of an operation in flight. The operation's own last completion is the answer:
  /// -ECANCELED, or its result when that came first. No effect when it is asked twice.
  void cancel(Op& op);
  /// Closes a descriptor that no operation in flight uses. Cannot fail in a way that matters.
  void close(Descriptor descriptor);

  /// Calls `handler(owner)` in this ring's thread, once per turn, after another thread called wake() on this
  /// ring.
  void on_wake(void (*handler)(void*), void* owner);
  /// Makes this ring's thread turn. `from` is the calling thread's own ring, which carries the message
  /// (MSG_RING), or null from a thread without one. May be called from any thread.
  void wake(Ring* from);

  /// Calls `fetch(op, near)` for completed operations whose handlers run soon, if their owner is
  /// looked_ahead_for, so that it can ask for the memory that they will touch; `near`: a second time, just
  /// before. It changes nothing. The simulated kernel does not call it.
  void on_ahead(void (*fetch)(const Op& op, bool near));

  /// Hands everything submitted to the kernel and waits until something completes, `wait_us` have passed, or
  /// a wake. 0 does not wait; time_never waits without end.
  void submit_and_wait(base::TimeUs wait_us);
  /// Runs the handlers of what has completed, at most `completions_max`. Returns how many; more may wait.
  unsigned dispatch(unsigned completions_max);

  /// This ring's clock in microseconds (CLOCK_MONOTONIC; the simulated kernel has its own).
  base::TimeUs now() const;

  BufferPool& buffers();
  /// Buffers that a receive could still use: free ones and those on offer to the kernel. Zero: every buffer
  /// is leased.
  std::uint32_t buffers_receivable() const;
  const RingCounters& counters() const;
  const RingFeatures& features() const;

 private:
  struct State;
  explicit Ring(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace corelane::io
