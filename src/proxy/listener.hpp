// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/timer_wheel.hpp"
#include "io/op.hpp"
#include "io/socket.hpp"

namespace corelane::proxy {

struct LaneState;

/// Accepts for one bind in one lane. Far below the connection limits a multishot accept runs; near them it
/// waits for a client to be there and takes a permit before it accepts, so that what is beyond the limit
/// waits in the kernel's backlog.
class Listener : public io::OpOwner {
 public:
  /// Owns `socket` from now on.
  Listener(LaneState& lane, std::uint32_t frontend, std::uint32_t bind, io::Descriptor socket);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// Accepts if it may and does not already.
  void advance();
  /// A permit or a descriptor came back: ends a pause.
  void resume();
  /// Accepts nothing for a moment: the lane is behind with what it has.
  void hold();
  /// Stops for good; what had been accepted already is served.
  void drain();
  bool finished() const noexcept { return socket_ == io::no_descriptor; }

 private:
  static void on_client_waits(io::Op& op, io::Completion& completion);
  static void on_accept(io::Op& op, io::Completion& completion);
  static void on_timer(base::Timer& timer);

  void submit(bool roomy);
  void accepted(io::Descriptor client);
  void failed(int error);
  void pause(base::TimeUs pause_us);
  void set_short_of_permits(bool is_short);
  bool take_permits();
  void return_permits();
  std::int64_t headroom() const;

  LaneState& lane_;
  io::Op accept_;
  base::Timer timer_;  // ends a pause; takes a permit back from an accept that finds nobody
  std::uint32_t frontend_;
  std::uint32_t bind_;
  io::Descriptor socket_;
  bool multishot_ = false;     // the operation in flight is a multishot accept
  bool client_waits_ = false;  // near the limit: somebody was seen in the backlog
  bool permits_held_ = false;  // for the single accept in flight
  bool paused_ = false;
  bool short_of_permits_ = false;
  bool draining_ = false;
};

}  // namespace corelane::proxy
