// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "io/socket.hpp"
#include "sim/files.hpp"
#include "sim/random.hpp"

namespace corelane::sim {

using io::Descriptor;

/// How unkind kernel and network are in one run. Chances are per mille.
struct Weather {
  unsigned short_io = 200;              // a receive, send or splice moves less than it could
  unsigned spurious_poll = 10;          // a poll completes though nothing is ready
  unsigned spurious_listener_poll = 0;  // another process took the client first
  unsigned no_buffer = 5;               // a receive finds no buffer though some are on offer
  unsigned multishot_ends = 50;         // a multishot operation ends by itself
  unsigned accept_aborted = 0;          // ECONNABORTED instead of a connection
  unsigned accept_no_descriptor = 0;    // EMFILE though there are some
  unsigned cancel_races = 400;          // a cancelled operation that can complete does so
  unsigned splice_again = 20;           // a splice or a relay answers EAGAIN though it could move bytes
  unsigned dispatch_partial = 100;      // a batch of completions is handed out in parts
  unsigned early_submit = 5;            // the submission queue was full
  unsigned source_port_busy = 0;        // a bind, or a connect that asks for a port, finds it in use
  unsigned interface_gone = 0;          // a socket's options find no such interface
  bool splice_refused = false;          // EINVAL from every splice out of a socket
  bool multishot_capped = false;        // the receive completes several times
  TimeUs latency_us_max = 200;          // between an operation being possible and its completion
  TimeUs network_us_max = 500;          // between sending and arrival
  std::uint32_t socket_buffer_min = 64;
  std::uint32_t socket_buffer_max = 4096;
  std::uint32_t pipe_capacity_max = 4096;
  std::uint32_t descriptors_max = 100000;
};

/// What a program connected to does: how a connect ends, and what happens on the connection.
class Target {
 public:
  struct Answer {
    int error = 0;     // 0: connected
    TimeUs delay = 0;  // time_never: no answer at all
  };
  virtual ~Target() = default;
  virtual Answer on_connect() = 0;
  virtual void on_established(Socket& server_end) = 0;
  /// The program has closed a socket that it connected, or tried to.
  virtual void on_gone() = 0;
};

/// What the run did, for checks at its end.
struct KernelCounts {
  std::uint64_t accepted = 0;  // descriptors handed to the program
  std::uint64_t accepts_aborted = 0;
  std::uint64_t descriptors_refused = 0;  // EMFILE
  std::uint64_t connects_failed = 0;
  std::uint64_t connects_unanswered = 0;
  std::uint64_t splices = 0;
  std::uint64_t relays = 0;
  std::uint64_t buffers_exhausted = 0;
  std::uint64_t reserved_receives = 0;  // into the reserve
  std::uint64_t operations = 0;
  TimeUs late_us_max = 0;                  // the longest between two waits of a lane
  std::uint32_t leases_of_one_source = 0;  // most buffers held at once with bytes from one socket
};

/// An in-memory kernel with a virtual clock: descriptors, listeners, TCP-like connections, pipes.
/// Deterministic for a seed, single-threaded. One is current at a time; the ring and the socket functions of
/// io find it.
class Kernel {
 public:
  using FailureHandler = std::function<void(const std::string&)>;

  Kernel(std::uint64_t seed, const Weather& weather, FailureHandler on_failure, bool traced = false);
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();
  static Kernel& current();

  Random& random() noexcept { return random_; }
  const Weather& weather() const noexcept { return weather_; }
  KernelCounts& counts() noexcept { return counts_; }

  /// The program under test did what it must never do. The run has failed; the handler may not return.
  void fail(const std::string& what);

  template <class... Arguments>
  void trace(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    if (traced_) [[unlikely]]
      trace_line(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  // Clock and events. Events due at the same time run in random order.
  TimeUs now() const noexcept { return now_; }
  void pass_time(TimeUs us) noexcept { now_ += us; }
  void schedule(TimeUs delay, std::function<void()> action);
  TimeUs next_event() const noexcept { return events_.empty() ? base::time_never : events_.top().at; }
  void run_next_event();
  void set_clock(TimeUs at) noexcept { now_ = at > now_ ? at : now_; }

  // Descriptors; several may stand for one file. `use` names what the program wants, for the failure.
  Descriptor open(File& file);
  File* find(Descriptor descriptor, const char* use);
  template <class T>
  T* find_as(Descriptor descriptor, const char* use) {
    T* file = dynamic_cast<T*>(find(descriptor, use));
    if (file == nullptr) fail(fmt::format("{} on descriptor {}, which is no such file", use, descriptor));
    return file;
  }
  /// An operation on it was submitted; its last completion reached the program.
  void operation_begins(Descriptor descriptor) { ++table_[static_cast<std::size_t>(descriptor)].in_flight; }
  void operation_ends(Descriptor descriptor) { --table_[static_cast<std::size_t>(descriptor)].in_flight; }
  /// Completions and wakes that no lane has taken yet: nobody may sleep then.
  std::size_t attention = 0;
  /// The program wants it closed from now on; the close itself may come later.
  File* begin_close(Descriptor descriptor);
  void end_close(Descriptor descriptor);
  std::size_t descriptors_open() const noexcept { return descriptors_open_; }
  std::string descriptors_text() const;

  // Programs that accept.
  Listener& make_listener(const base::Endpoint& address, std::size_t backlog);
  /// A client's end of a new connection in the listener's queue; null when the queue is full.
  Socket* connect_to_listener(Listener& listener, const base::Endpoint& client);
  /// The next connection of the queue as a descriptor of the program, or -errno.
  int accept(Listener& listener);

  // Programs that are connected to.
  void serve(const io::SocketAddress& address, Target& target);
  Target* target_of(const io::SocketAddress& address);
  Socket& make_socket();
  void establish(Socket& socket, const io::SocketAddress& address, Target& target);

  // What a program does with its end of a connection. -errno, EAGAIN when it would have to wait.
  std::int64_t receive(Socket& socket, std::span<std::byte> into);
  std::int64_t send(Socket& socket, std::span<const std::byte> bytes);
  /// From one end to another; what the sink does not take stays in the source.
  io::Relayed relay(Socket& source, Socket& sink, std::span<std::byte> scratch);
  void shutdown_send(Socket& socket);
  void shutdown_both(Socket& socket);
  void reset(Socket& socket);
  void close(Socket& socket);

  PipeBuffer& make_pipe(std::uint32_t capacity);
  PipeEnd& make_pipe_end(PipeBuffer& pipe, bool writes);

  /// Owns an operation until the run ends.
  void keep(std::unique_ptr<Waiting> waiting) { kept_.push_back(std::move(waiting)); }

  /// Something about the file changed: whoever waits for it looks again.
  void changed(File& file);

  /// `most` or, as the weather will have it, less; at least 1.
  std::size_t perhaps_short(std::size_t most);

 private:
  struct Event {
    TimeUs at;
    std::uint64_t tie;
    std::function<void()> action;
    bool operator<(const Event& other) const noexcept {
      return at != other.at ? at > other.at : tie > other.tie;
    }
  };
  struct Entry {
    File* file = nullptr;
    std::uint32_t in_flight = 0;  // operations whose last completion the program has not seen
    bool closing = false;
  };

  void trace_line(const std::string& line) const;
  Socket& make_connected_pair(const base::Endpoint& here, const base::Endpoint& there);
  void pair(Socket& one, Socket& other);
  void carry(Socket& from);
  void carry_later(Socket& from);
  void reset_arrives(Socket& socket);
  void close_listener(Listener& listener);
  void close_file(File& file);

  Random random_;
  Weather weather_;
  FailureHandler on_failure_;
  bool traced_;
  TimeUs now_ = 1'000'000;
  KernelCounts counts_;
  std::priority_queue<Event> events_;
  std::vector<Entry> table_;
  std::size_t descriptors_open_ = 0;
  std::vector<std::unique_ptr<File>> files_;
  std::deque<PipeBuffer> pipes_;
  std::vector<std::unique_ptr<Waiting>> kept_;
  std::map<std::string, Target*> targets_;  // by the bytes of the address
};

}  // namespace corelane::sim
