// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <vector>

#include "io/ring.hpp"
#include "sim/kernel.hpp"

namespace corelane::sim {

class RingCore;

/// One operation that the program submitted. Owned by the kernel, so that events which come late find it
/// done.
struct Operation final : Waiting {
  enum class Kind : std::uint8_t { accept, connect, receive, send, poll };

  void file_changed() override;

  RingCore* ring = nullptr;
  io::Op* op = nullptr;
  File* file = nullptr;
  Descriptor descriptor = io::no_descriptor;
  std::span<const std::byte> bytes;    // send
  std::vector<std::byte> bytes_then;   // send: what they were at first
  std::uint64_t lease_generation = 0;  // send: of the buffer that holds the bytes
  std::uint32_t bytes_cap = 0;         // receive
  std::uint32_t bytes_received = 0;
  io::SocketAddress address;  // connect
  Target* target = nullptr;
  Target::Answer answer;
  io::Readiness readiness = io::Readiness::readable;
  Kind kind = Kind::accept;
  bool multishot = false;
  bool started = false;  // the kernel has it
  bool cancelled = false;
  bool done = false;  // its last completion is queued
  bool due = false;   // an event will look at it
};

/// A ring over the simulated kernel, by the rules of io/ring.hpp: what may complete does so after a random
/// while, in random order, in random parts. It watches the program as it goes: who uses a buffer that it gave
/// back, closes under an operation, or sends twice at once has failed the run.
class RingCore {
 public:
  explicit RingCore(const io::RingOptions& options);
  RingCore(const RingCore&) = delete;
  RingCore& operator=(const RingCore&) = delete;
  ~RingCore();

  void accept(io::Op& op, Descriptor listener, bool multishot);
  void connect(io::Op& op, Descriptor socket, const io::SocketAddress& address);
  void receive(io::Op& op, Descriptor socket, std::uint32_t bytes_cap);
  std::int32_t receive_reserved(Descriptor socket, io::BufferLease& lease);
  io::BufferLease take_buffer();
  void send(io::Op& op, Descriptor socket, std::span<const std::byte> bytes);
  void poll(io::Op& op, Descriptor descriptor, io::Readiness readiness);
  void cancel(io::Op& op);
  void close(Descriptor descriptor);
  void wake() noexcept;
  void on_wake(void (*handler)(void*), void* owner);

  void submit_and_wait(TimeUs wait_us);
  unsigned dispatch(unsigned completions_max);

  TimeUs now() const noexcept { return kernel_.now(); }
  io::BufferPool& buffers() noexcept { return buffers_; }
  std::uint32_t buffers_receivable() const noexcept {
    return buffers_.free() + static_cast<std::uint32_t>(offered_.size());
  }
  const io::RingCounters& counters() const noexcept { return counters_; }
  const io::RingFeatures& features() const noexcept { return features_; }

  /// For Operation: looks at it soon.
  void look_soon(Operation& operation);

 private:
  enum class Use : std::uint8_t { free, offered, leased };
  struct BufferUse {
    std::uint64_t generation = 0;  // counts its leases
    Socket* source = nullptr;      // leased: whose bytes it holds; null: nobody's alone
    Use use = Use::free;
  };
  struct Submission {
    enum class Kind : std::uint8_t { operation, cancel, close };
    Kind kind = Kind::operation;
    Operation* operation = nullptr;
    io::Op* op = nullptr;
    Descriptor descriptor = io::no_descriptor;
  };
  struct Posted {
    Operation* operation = nullptr;
    std::int32_t result = 0;
    std::uint32_t slot = io::BufferPool::none;
    bool more = false;
  };

  Operation& prepare(io::Op& op, Operation::Kind kind, Descriptor descriptor, File* file);
  void queue(const Submission& submission);
  void flush();
  void start(Operation& operation);
  void start_cancel(Operation& operation);
  void start_connect(Operation& operation);
  TimeUs latency();

  void attempt(Operation& operation);
  void attempt_accept(Operation& operation);
  void attempt_connect(Operation& operation);
  void attempt_receive(Operation& operation);
  void attempt_send(Operation& operation);
  static bool is_ready(const Operation& operation);
  void attempt_poll(Operation& operation);
  void post(Operation& operation, std::int64_t result, bool more = false,
            std::uint32_t slot = io::BufferPool::none);
  void complete(const Posted& posted);
  void note_what_is_told(const Posted& posted);
  void note_reading(const Operation& operation, bool reads);

  void lease(std::uint32_t slot, Socket& source);
  void offer_buffers();
  void notice_returned_buffers();
  void fill_with_garbage(std::uint32_t slot);
  bool holds(std::span<const std::byte> bytes, std::uint64_t& generation);
  void wait_for_completions(TimeUs deadline);
  void watch_for_spinning(TimeUs began, std::size_t events_run);

  Kernel& kernel_;
  const io::RingOptions options_;
  io::RingFeatures features_;
  io::RingCounters counters_;
  io::BufferPool buffers_;
  std::vector<BufferUse> buffer_uses_;  // by slot
  std::vector<std::uint32_t> offered_;
  std::uint32_t offer_target_;
  std::uint32_t leased_ = 0;  // known; fewer once the program has dropped some
  std::vector<Submission> submissions_;
  std::deque<Posted> posted_;
  std::unordered_map<io::Op*, Operation*> current_;  // the last one submitted of each
  TimeUs turned_at_ = 0;
  std::uint32_t in_flight_ = 0;
  void (*wake_handler_)(void*) = nullptr;
  void* wake_owner_ = nullptr;
  bool woken_ = false;
  std::size_t events_run_ = 0;
  unsigned idle_turns_ = 0;
};

}  // namespace corelane::sim
