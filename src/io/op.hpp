// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/check.hpp"
#include "io/buffer.hpp"

namespace corelane::io {

/// What the kernel answered to one operation.
struct Completion {
  std::int32_t result = 0;  // bytes or descriptor; negative: -errno
  bool more = false;        // the operation stays in flight and will complete again
  BufferLease lease;        // receive: the bytes, size() == result; take it or it goes back by itself
};

/// What has operations is derived from this, and neither moves nor goes while one of them is in flight.
struct OpOwner {
  OpOwner() = default;
  OpOwner(const OpOwner&) = delete;
  OpOwner& operator=(const OpOwner&) = delete;
  ~OpOwner() { CORELANE_CHECK(ops_in_flight == 0); }

  std::uint16_t ops_in_flight = 0;
  bool looked_ahead_for = false;  // Ring::on_ahead: its function knows what the handlers will touch
};

/// One operation on the ring, embedded in its owner; its address is the kernel's user_data. Submitting counts
/// up the owner's operations in flight, the last completion (not `more`) counts down before the handler runs,
/// so a handler that finds zero may let its owner go. Handlers record and call advance(); they never wait.
struct Op {
  using Handler = void (*)(Op&, Completion&);

  Handler handler = nullptr;
  OpOwner* owner = nullptr;
  bool in_flight = false;
  bool cancelling = false;  // a cancel was asked for since the submission

  Op() = default;
  Op(Handler handler_in, OpOwner* owner_in) : handler(handler_in), owner(owner_in) {}
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;
  ~Op() { CORELANE_CHECK(!in_flight); }

  template <class Owner>
  Owner& as() const noexcept {
    return *static_cast<Owner*>(owner);
  }

  /// For the ring only, and what stands in its place (proxy::TlsTransport), as the next.
  void submitted() noexcept {
    CORELANE_CHECK(!in_flight);
    in_flight = true;
    cancelling = false;
    ++owner->ops_in_flight;
  }

  /// Books the completion and runs the handler.
  void complete(Completion& completion) noexcept {
    CORELANE_CHECK(in_flight);
    if (!completion.more) {
      in_flight = false;
      --owner->ops_in_flight;
    }
    handler(*this, completion);
  }
};

}  // namespace corelane::io
