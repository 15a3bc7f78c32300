// SPDX-License-Identifier: Apache-2.0
#include <liburing.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <array>
#include <deque>
#include <memory>

#include "net.hpp"

/// The least that forwarding TCP over io_uring can cost: accept, connect, receive, send, close, one thread,
/// and no feature beside it. No time-outs, no limits, no statistics, no logs, no checks. It stands in the
/// benchmarks as the floor that a load balancer may come near and cannot go below.
namespace corelane::tools {
namespace {

constexpr unsigned buffers = 1024;  // power of two
constexpr unsigned buffer_size = 16 * 1024;
constexpr int pipe_size = 1 << 20;

struct Options {
  std::string listen;
  std::vector<std::string> to;
  bool splice = false;
  unsigned seconds = 600;
};

enum class Step : std::uint64_t { ignored, accept, connect, receive, send };  // the low bits of user_data

struct Piece {
  unsigned short buffer = 0;
  unsigned size = 0;
};

/// One direction: from the end with the same number to the other one.
struct Direction {
  std::deque<Piece> pieces;
  unsigned offset = 0;  // of the first piece, sent already
  std::array<Fd, 2> pipe;
  std::size_t in_pipe = 0;
  bool sending = false;
  bool ended = false;   // the source said its last byte
  bool passed = false;  // and the sink was told
};

struct alignas(16) Connection {
  std::array<Fd, 2> ends;  // client, server
  std::array<Direction, 2> directions;
  int in_flight = 0;
  bool connected = false;
  bool failed = false;
};

class Forwarder {
 public:
  explicit Forwarder(const Options& options)
      : splice_(options.splice), memory_(std::size_t{buffers} * buffer_size) {
    for (const auto& text : options.to) servers_.push_back(parse_address(text));
    open_listener(options.listen);
    open_ring();
    accept();
  }

  [[noreturn]] void run() {
    while (true) {
      io_uring_submit_and_wait(&ring_, 1);
      unsigned head = 0;
      unsigned count = 0;
      io_uring_cqe* cqe = nullptr;
      io_uring_for_each_cqe(&ring_, head, cqe) {
        complete(*cqe);
        ++count;
      }
      io_uring_cq_advance(&ring_, count);
    }
  }

 private:
  void open_listener(const std::string& text) {
    const sockaddr_in address = parse_address(text);
    listener_ = make_socket();
    set_option(listener_, SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(listener_, IPPROTO_TCP, TCP_NODELAY, 1);
    if (::bind(listener_.get(), as_sockaddr(address), sizeof address) != 0) die_errno("bind " + text);
    if (::listen(listener_.get(), 4096) != 0) die_errno("listen " + text);
  }

  void open_ring() {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    parameters.cq_entries = 8192;
    if (io_uring_queue_init_params(1024, &ring_, &parameters) < 0) die("io_uring is not to be had");
    io_uring_register_ring_fd(&ring_);
    io_uring_buf_reg registration{};
    offer_ = static_cast<io_uring_buf_ring*>(std::aligned_alloc(4096, buffers * sizeof(io_uring_buf)));
    registration.ring_addr = reinterpret_cast<std::uint64_t>(offer_);
    registration.ring_entries = buffers;
    if (io_uring_register_buf_ring(&ring_, &registration, 0) < 0) die("no provided buffers");
    io_uring_buf_ring_init(offer_);
    for (unsigned short i = 0; i < buffers; ++i) give_back(i);
  }

  char* memory_of(unsigned short buffer) { return memory_.data() + std::size_t{buffer} * buffer_size; }

  void give_back(unsigned short buffer) {
    io_uring_buf_ring_add(offer_, memory_of(buffer), buffer_size, buffer, io_uring_buf_ring_mask(buffers), 0);
    io_uring_buf_ring_advance(offer_, 1);
  }

  io_uring_sqe& next_sqe() {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    while (sqe == nullptr) {
      io_uring_submit(&ring_);
      sqe = io_uring_get_sqe(&ring_);
    }
    return *sqe;
  }

  static void tag(io_uring_sqe& sqe, Connection* connection, Step step, unsigned end) {
    sqe.user_data =
        reinterpret_cast<std::uint64_t>(connection) | static_cast<std::uint64_t>(step) << 1U | end;
    if (connection != nullptr) ++connection->in_flight;
  }

  void accept() {
    io_uring_sqe& sqe = next_sqe();
    io_uring_prep_multishot_accept(&sqe, listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    tag(sqe, nullptr, Step::accept, 0);
  }

  void complete(const io_uring_cqe& cqe) {
    const unsigned end = cqe.user_data & 1U;
    const auto step = static_cast<Step>((cqe.user_data >> 1U) & 7U);
    auto* connection = reinterpret_cast<Connection*>(cqe.user_data & ~std::uint64_t{15});
    const bool more = (cqe.flags & IORING_CQE_F_MORE) != 0;
    if (step == Step::accept) {
      if (cqe.res >= 0) accepted(cqe.res);
      if (!more) accept();
      return;
    }
    if (step == Step::ignored) return;
    if (!more) --connection->in_flight;
    if (step == Step::connect) {
      connected(*connection, cqe.res);
    } else if (splice_) {
      if (cqe.res < 0) connection->failed = true;
      move(*connection, step == Step::receive ? end : 1 - end);
    } else if (step == Step::receive) {
      received(*connection, end, cqe, more);
    } else {
      sent(*connection, 1 - end, cqe.res);
    }
    finish(connection);
  }

  void accepted(int client) {
    auto* connection = new Connection;
    connection->ends = {Fd(client), make_socket(SOCK_NONBLOCK)};
    set_option(connection->ends[1], IPPROTO_TCP, TCP_NODELAY, 1);
    const sockaddr_in& server = servers_[next_server_++ % servers_.size()];
    io_uring_sqe& sqe = next_sqe();
    io_uring_prep_connect(&sqe, connection->ends[1].get(), as_sockaddr(server), sizeof server);
    tag(sqe, connection, Step::connect, 1);
    if (!splice_) receive(*connection, 0);
  }

  void connected(Connection& connection, int result) {
    connection.connected = result == 0;
    connection.failed = connection.failed || result < 0;
    if (connection.failed) return;
    if (splice_) {
      for (const unsigned end : {0U, 1U}) open_pipe(connection.directions[end]), move(connection, end);
    } else {
      receive(connection, 1);
      send(connection, 0);
    }
  }

  // --- through buffers

  void receive(Connection& connection, unsigned end) {
    io_uring_sqe& sqe = next_sqe();
    io_uring_prep_recv_multishot(&sqe, connection.ends[end].get(), nullptr, 0, 0);
    sqe.flags |= IOSQE_BUFFER_SELECT;
    sqe.buf_group = 0;
    tag(sqe, &connection, Step::receive, end);
  }

  void received(Connection& connection, unsigned end, const io_uring_cqe& cqe, bool more) {
    Direction& direction = connection.directions[end];
    if (cqe.res > 0) {
      const auto buffer = static_cast<unsigned short>(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
      direction.pieces.push_back({buffer, static_cast<unsigned>(cqe.res)});
      if (connection.connected) send(connection, end);
    } else if (cqe.res != -ENOBUFS) {
      direction.ended = true;
      connection.failed = connection.failed || cqe.res < 0;
    }
    if (!more && !direction.ended) receive(connection, end);
  }

  void send(Connection& connection, unsigned from) {
    Direction& direction = connection.directions[from];
    if (direction.sending || direction.pieces.empty()) return;
    const Piece& piece = direction.pieces.front();
    io_uring_sqe& sqe = next_sqe();
    io_uring_prep_send(&sqe, connection.ends[1 - from].get(), memory_of(piece.buffer) + direction.offset,
                       piece.size - direction.offset, MSG_NOSIGNAL);
    tag(sqe, &connection, Step::send, 1 - from);
    direction.sending = true;
  }

  void sent(Connection& connection, unsigned from, int result) {
    Direction& direction = connection.directions[from];
    direction.sending = false;
    connection.failed = connection.failed || result < 0;
    direction.offset += result > 0 ? static_cast<unsigned>(result) : 0;
    if (direction.offset == direction.pieces.front().size || result < 0) {
      give_back(direction.pieces.front().buffer);
      direction.pieces.pop_front();
      direction.offset = 0;
    }
    if (!connection.failed) send(connection, from);
  }

  // --- through pipes

  static void open_pipe(Direction& direction) {
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) die_errno("pipe");
    direction.pipe = {Fd(ends[0]), Fd(ends[1])};
    ::fcntl(ends[1], F_SETPIPE_SZ, pipe_size);
  }

  void poll(Connection& connection, unsigned end, Step step) {
    io_uring_sqe& sqe = next_sqe();
    io_uring_prep_poll_add(&sqe, connection.ends[end].get(),
                           step == Step::receive ? POLLIN | POLLRDHUP : POLLOUT);
    tag(sqe, &connection, step, end);
  }

  // One step in, one step out, and waits for the side that is in the way.
  void move(Connection& connection, unsigned from) {
    Direction& direction = connection.directions[from];
    if (connection.failed || direction.passed) return;
    constexpr unsigned flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
    if (direction.in_pipe == 0) {
      const ssize_t in =
          ::splice(connection.ends[from].get(), nullptr, direction.pipe[1].get(), nullptr, pipe_size, flags);
      direction.ended = in == 0;
      direction.in_pipe = in > 0 ? static_cast<std::size_t>(in) : 0;
      connection.failed = in < 0 && errno != EAGAIN;
    }
    if (direction.in_pipe > 0) {
      const ssize_t out = ::splice(direction.pipe[0].get(), nullptr, connection.ends[1 - from].get(), nullptr,
                                   direction.in_pipe, flags);
      direction.in_pipe -= out > 0 ? static_cast<std::size_t>(out) : 0;
      connection.failed = out < 0 && errno != EAGAIN;
    }
    if (connection.failed || direction.ended) return;
    if (direction.in_pipe > 0) {
      poll(connection, 1 - from, Step::send);
    } else {
      poll(connection, from, Step::receive);
    }
  }

  // --- the end

  void finish(Connection* connection) {
    for (const unsigned from : {0U, 1U}) {
      Direction& direction = connection->directions[from];
      const bool drained = direction.pieces.empty() && direction.in_pipe == 0;
      if (!connection->connected || !direction.ended || direction.passed || !drained) continue;
      direction.passed = true;
      if (!connection->directions[1 - from].passed) ::shutdown(connection->ends[1 - from].get(), SHUT_WR);
    }
    if (connection->failed) {
      for (const Fd& end : connection->ends) ::shutdown(end.get(), SHUT_RDWR);
    }
    const bool over =
        connection->failed || (connection->directions[0].passed && connection->directions[1].passed);
    if (!over || connection->in_flight > 0) return;
    for (Direction& direction : connection->directions) {
      for (const Piece& piece : direction.pieces) give_back(piece.buffer);
    }
    delete connection;
  }

  const bool splice_;
  std::vector<sockaddr_in> servers_;
  std::size_t next_server_ = 0;
  Fd listener_;
  io_uring ring_{};
  io_uring_buf_ring* offer_ = nullptr;  // shared with the kernel
  std::vector<char> memory_;
};

int run(int count, char** arguments) {
  Options options;
  CLI::App app("Forwards TCP connections over io_uring, and nothing else.");
  app.add_option("--listen", options.listen, "address:port")->required();
  app.add_option("--to", options.to, "servers, in turn")->required();
  app.add_flag("--splice", options.splice, "through pipes instead of buffers");
  app.add_option("--seconds", options.seconds, "ends by itself then");
  CLI11_PARSE(app, count, arguments);
  limit_run_time(options.seconds);
  ::signal(SIGPIPE, SIG_IGN);
  Forwarder(options).run();
}

}  // namespace
}  // namespace corelane::tools

int main(int count, char** arguments) {
  return corelane::tools::run(count, arguments);
}
