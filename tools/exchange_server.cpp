// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "net.hpp"

/// Answers every `request` bytes with `reply` bytes and closes when the client has closed or said `goodbye`;
/// may speak first (`greeting`). One thread, epoll. Several addresses let a proxy in front reach it from more
/// source ports than one address has.
namespace corelane::tools {
namespace {

struct Options {
  std::vector<std::string> listen;
  std::size_t request = 64;
  std::size_t reply = 64;
  std::size_t greeting = 0;
  unsigned seconds = 600;
};

struct Connection {
  Fd fd;
  std::size_t request_bytes = 0;  // of the request that is coming in
  std::size_t reply_bytes = 0;    // still owed
  bool ended = false;             // the client sent its end
  bool watches_write = false;
};

class Server {
 public:
  explicit Server(const Options& options) : options_(options), reply_(64 * 1024, 'r') {
    for (const auto& text : options.listen) listen_on(text);
  }

  void run() {
    std::vector<epoll_event> events(256);
    while (true) {
      for (const auto& event : wait_events(epoll_, events, -1)) {
        const auto fd = static_cast<std::size_t>(event.data.u64);
        if (fd < connections_.size() && connections_[fd].fd.open()) {
          serve(connections_[fd], event.events);
        } else {
          accept_waiting(static_cast<int>(fd));
        }
      }
    }
  }

 private:
  void listen_on(const std::string& text) {
    const auto address = parse_address(text);
    Fd fd = make_socket(SOCK_NONBLOCK);
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (::bind(fd.get(), as_sockaddr(address), sizeof address) != 0) die_errno("bind " + text);
    if (::listen(fd.get(), 4096) != 0) die_errno("listen " + text);
    watch(epoll_, fd.get(), EPOLLIN, static_cast<std::uint64_t>(fd.get()), EPOLL_CTL_ADD);
    listeners_.push_back(std::move(fd));
  }

  void accept_waiting(int listener) {
    while (true) {
      Fd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd.open()) {
        if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
        die_errno("accept");
      }
      set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
      const auto index = static_cast<std::size_t>(fd.get());
      if (index >= connections_.size()) connections_.resize(index + 1);
      watch(epoll_, fd.get(), EPOLLIN, index, EPOLL_CTL_ADD);
      connections_[index] = Connection{.fd = std::move(fd), .reply_bytes = options_.greeting};
      if (!write_reply(connections_[index])) connections_[index].fd.reset();
    }
  }

  void serve(Connection& connection, std::uint32_t events) {
    const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    if (readable && !connection.ended && !read_request(connection)) return connection.fd.reset();
    if (!write_reply(connection)) return connection.fd.reset();
    if (connection.ended && connection.reply_bytes == 0) return connection.fd.reset();
    watch_write(connection);
  }

  bool read_request(Connection& connection) {
    const ssize_t got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    connection.ended = got == 0 || buffer_[static_cast<std::size_t>(got) - 1] == goodbye;
    connection.request_bytes += static_cast<std::size_t>(got);
    connection.reply_bytes += connection.request_bytes / options_.request * options_.reply;
    connection.request_bytes %= options_.request;
    return true;
  }

  bool write_reply(Connection& connection) {
    while (connection.reply_bytes > 0) {
      const std::size_t size = std::min(connection.reply_bytes, reply_.size());
      const ssize_t sent = ::send(connection.fd.get(), reply_.data(), size, MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN || errno == EINTR;
      connection.reply_bytes -= static_cast<std::size_t>(sent);
    }
    return true;
  }

  /// While a reply is owed nothing more is read, so a client that does not read cannot make the debt grow.
  void watch_write(Connection& connection) {
    const bool owes = connection.reply_bytes > 0;
    if (owes == connection.watches_write) return;
    const int fd = connection.fd.get();
    watch(epoll_, fd, owes ? EPOLLOUT : EPOLLIN, static_cast<std::uint64_t>(fd), EPOLL_CTL_MOD);
    connection.watches_write = owes;
  }

  const Options& options_;
  Fd epoll_ = make_epoll();
  std::vector<Fd> listeners_;
  std::vector<Connection> connections_;  // by descriptor
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
  std::vector<char> reply_;
};

}  // namespace
}  // namespace corelane::tools

int main(int argc, char** argv) {
  corelane::tools::Options options;
  CLI::App app{"Answers every request of a fixed size with a reply of a fixed size."};
  app.add_option("--listen", options.listen, "ADDRESS:PORT; may be repeated")->required();
  app.add_option("--request", options.request, "bytes of a request")->check(CLI::Range(1, 1 << 20));
  app.add_option("--reply", options.reply, "bytes of a reply")->check(CLI::Range(0, 1 << 20));
  app.add_option("--greeting", options.greeting, "bytes that the server says first")
      ->check(CLI::Range(0, 1 << 16));
  app.add_option("--seconds", options.seconds, "ends itself after this time")->check(CLI::Range(1, 3600));
  CLI11_PARSE(app, argc, argv);
  corelane::tools::limit_run_time(options.seconds);
  corelane::tools::Server(options).run();
}
