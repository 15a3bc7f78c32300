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

/// One operation on the ring, embedded in its owner, which must not move or be freed while it is in flight;
/// its address is the kernel's user_data. `in_flight_count` points at the owner's counter: submitting counts
/// up, the last completion (not `more`) counts down before the handler runs, so a handler that finds zero may
/// let its owner go. Handlers record and call advance(); they never wait.
struct Op {
  using Handler = void (*)(Op&, Completion&);

  Handler handler = nullptr;
  void* owner = nullptr;
  std::uint32_t* in_flight_count = nullptr;
  bool in_flight = false;
  bool cancelling = false;  // a cancel was asked for since the submission

  Op() = default;
  Op(Handler handler_in, void* owner_in, std::uint32_t* in_flight_count_in)
      : handler(handler_in), owner(owner_in), in_flight_count(in_flight_count_in) {}
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;
  ~Op() { CORELANE_CHECK(!in_flight); }

  template <class Owner>
  Owner& as() const noexcept {
    return *static_cast<Owner*>(owner);
  }

  /// For the ring only.
  void submitted() noexcept {
    CORELANE_CHECK(!in_flight);
    in_flight = true;
    cancelling = false;
    ++*in_flight_count;
  }

  /// For the ring only: books the completion and runs the handler.
  void complete(Completion& completion) noexcept {
    CORELANE_CHECK(in_flight);
    if (!completion.more) {
      in_flight = false;
      --*in_flight_count;
    }
    handler(*this, completion);
  }
};

}  // namespace corelane::io
