// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "sim/byte_queue.hpp"

namespace corelane::sim {

using base::TimeUs;

class Target;

/// An operation of a simulated ring that waits for a file.
struct Waiting {
  virtual ~Waiting() = default;
  virtual void file_changed() = 0;
};

/// What a descriptor stands for. Lives as long as its kernel, so that late events find it.
struct File {
  virtual ~File() = default;
  virtual bool readable() const = 0;
  virtual bool writable() const = 0;

  std::vector<Waiting*> waiting;
  std::uint32_t descriptors = 0;    // that stand for it
  std::uint32_t receiving = 0;      // operations in flight that take bytes out
  std::uint32_t sending = 0;        // operations in flight that put bytes in
  std::function<void()> on_change;  // for programs that live inside the kernel
};

/// Stretches of time in which something held, in order and apart from each other.
class Stretches {
 public:
  struct Stretch {
    TimeUs from = 0;
    TimeUs to = base::time_never;
  };

  void set(bool holds, TimeUs now) {
    if (holds == open()) return;
    if (!holds) {
      all_.back().to = now;
    } else if (!all_.empty() && all_.back().to == now) {
      all_.back().to = base::time_never;
    } else {
      all_.push_back({.from = now});
    }
  }
  const std::vector<Stretch>& all() const noexcept { return all_; }

 private:
  bool open() const noexcept { return !all_.empty() && all_.back().to == base::time_never; }

  std::vector<Stretch> all_;
};

/// What the program under test was told about its end of a connection, and when, for checks of time-outs and
/// of what it kept back.
struct ProgramView {
  void hold(std::int32_t change, TimeUs now) {
    holdings += change;
    held.set(holdings > 0, now);
  }
  /// Bytes that the program saw stay where they are, or are there no longer.
  void left_there(bool left, TimeUs now) {
    if (std::exchange(seen_only, left) != left) hold(left ? 1 : -1, now);
  }
  void read_answered(std::int64_t result, TimeUs now) {
    if (result > 0) told += static_cast<std::uint64_t>(result);
    if (result == 0) end_told_at = std::min(end_told_at, now);
    if (is_break(result)) break_told_at = std::min(break_told_at, now);
  }
  void send_answered(std::int64_t result, TimeUs now) {
    if (is_break(result)) break_told_at = std::min(break_told_at, now);
  }
  bool broke_or_ended() const noexcept { return std::min(break_told_at, end_told_at) != base::time_never; }
  static bool is_break(std::int64_t result) {
    return result < 0 && result != -EAGAIN && result != -ENOBUFS && result != -ECANCELED && result != -EINVAL;
  }

  /// A send, as it was begun.
  struct SendBegin {
    std::uint64_t taken = 0;  // bytes that had gone out before
    std::uint64_t told = 0;   // bytes from here that the program had learned of
    TimeUs at = 0;
  };

  std::vector<SendBegin> sends;
  std::uint64_t told = 0;       // bytes from here
  std::vector<TimeUs> said_at;  // it learned of bytes from here
  std::vector<TimeUs> took_at;  // it learned that bytes went out to here
  Stretches read;               // it read from here, or waited until there would be something to read
  Stretches held;               // it knew of bytes from here that the other side had not taken
  TimeUs end_told_at = base::time_never;    // it learned that no more will come
  TimeUs break_told_at = base::time_never;  // it learned of a break
  TimeUs end_said_at = base::time_never;    // it shut its sending half
  TimeUs given_up_at = base::time_never;    // it last cancelled an operation
  TimeUs closed_at = base::time_never;
  std::uint64_t taken = 0;    // bytes that the kernel took from it
  std::uint32_t leases = 0;   // buffers with bytes from here that it holds, or is about to be told of
  std::int32_t holdings = 0;  // buffers that it was told of, a pipe, and bytes that it only saw
  bool seen_only = false;     // bytes that it saw and left here, as the other side was full
};

/// One end of a connection. `sent` are its bytes on the way, `arrived` those that reached the other end and
/// were not read there yet.
struct Socket : File {
  bool readable() const override {
    return broken || shut_receive || (other != nullptr && (!other->arrived.empty() || other->fin_arrived));
  }
  bool writable() const override {
    return broken || shut_send || (other != nullptr && sent.size() < send_capacity);
  }
  bool end_arrived() const { return other != nullptr && other->fin_arrived; }

  Socket* other = nullptr;
  Target* target = nullptr;  // the program connects to it
  ByteQueue sent;
  ByteQueue arrived;
  std::size_t send_capacity = 0;
  std::size_t arrive_capacity = 0;
  base::Endpoint peer;
  base::Endpoint source;         // bound to, with a port: connected from there
  std::uint16_t asked_port = 0;  // to connect from
  bool transparent = false;      // may have addresses of other machines
  int error = 0;                 // reported once, to whoever comes first
  bool connecting = false;
  bool fin_sent = false;     // nothing will follow
  bool fin_arrived = false;  // and the other end knows it
  bool shut_send = false;
  bool shut_receive = false;
  bool broken = false;  // reset by either end
  bool closed = false;
  bool reset_on_close = false;
  bool carrying = false;  // an event is due that moves bytes
  ProgramView seen;
};

struct Listener : File {
  bool readable() const override { return !queue.empty(); }
  bool writable() const override { return false; }

  base::Endpoint address;
  std::deque<Socket*> queue;
  std::size_t backlog = 0;
  bool closed = false;
};

struct PipeBuffer {
  ByteQueue bytes;
  Socket* source = nullptr;  // of the bytes, while there are some
  std::uint32_t capacity = 0;

  /// The bytes in it are this one's from now on; null: there are none.
  void hold_for(Socket* socket, TimeUs now) {
    if (source != nullptr) source->seen.hold(-1, now);
    source = socket;
    if (source != nullptr) source->seen.hold(1, now);
  }
};

struct PipeEnd : File {
  bool readable() const override { return !pipe->bytes.empty(); }
  bool writable() const override { return pipe->bytes.size() < pipe->capacity; }

  PipeBuffer* pipe = nullptr;
  bool writes = false;
};

}  // namespace corelane::sim
