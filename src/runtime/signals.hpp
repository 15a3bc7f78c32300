// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "io/ring.hpp"

namespace corelane::runtime {

/// The signals that mean something to the process, as completions on the control thread's ring: TERM, INT,
/// HUP, USR1.
class Signals : public io::OpOwner {
 public:
  using Handler = void (*)(void* context, int signal_number);

  /// Blocks the signals in this thread and in every thread started later, and ignores PIPE. To be called
  /// before the first thread starts.
  static void block();

  Signals() = default;
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  /// Starts to watch: `handler` runs in the ring's thread, once per signal. False when no descriptor is left.
  bool watch(io::Ring& ring, Handler handler, void* context);
  /// Ends the watch. The object must live until `ops_in_flight` is zero.
  void stop();

 private:
  static void on_readable(io::Op& op, io::Completion& completion);

  io::Ring* ring_ = nullptr;
  io::Descriptor descriptor_ = io::no_descriptor;
  Handler handler_ = nullptr;
  void* context_ = nullptr;
  bool stopping_ = false;
  io::Op op_{on_readable, this};
};

}  // namespace corelane::runtime
