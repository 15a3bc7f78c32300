// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the load programs share: plain blocking or epoll sockets over IPv4 loopback. They measure a proxy
/// from outside, so they use none of its code.
namespace corelane::tools {

[[noreturn]] inline void die(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::exit(1);
}

[[noreturn]] inline void die_errno(const std::string& what) {
  die(what + ": " + std::strerror(errno));
}

/// Owns one descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// "127.0.0.1:80" or "127.0.0.1" (port 0); only loopback, so that no load leaves the machine.
inline sockaddr_in parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string host(text.substr(0, colon));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) die("not an IPv4 address: " + host);
  if ((ntohl(address.sin_addr.s_addr) >> 24) != 127) die("not a loopback address: " + host);
  if (colon == std::string_view::npos) return address;
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + colon + 1, end, port);
  if (result.ec != std::errc{} || result.ptr != end) die("not a port in " + std::string(text));
  address.sin_port = htons(port);
  return address;
}

/// The address `offset` places after `first`: 127.0.0.21, 127.0.0.22, ...
inline sockaddr_in address_after(sockaddr_in first, std::uint32_t offset) {
  first.sin_addr.s_addr = htonl(ntohl(first.sin_addr.s_addr) + offset);
  return first;
}

inline const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

inline void set_option(const Fd& fd, int level, int name, int value) {
  if (::setsockopt(fd.get(), level, name, &value, sizeof value) != 0) die_errno("setsockopt");
}

inline Fd make_socket(int flags = 0) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd.open()) die_errno("socket");
  return fd;
}

inline void watch(const Fd& epoll, int fd, std::uint32_t events, std::uint64_t tag, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (::epoll_ctl(epoll.get(), operation, fd, &event) != 0) die_errno("epoll_ctl");
}

inline Fd make_epoll() {
  Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.open()) die_errno("epoll_create1");
  return epoll;
}

/// Fills `events` as epoll_wait does; an interrupted wait is an empty one.
inline std::span<epoll_event> wait_events(const Fd& epoll, std::span<epoll_event> events, int timeout_ms) {
  const int count = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
  if (count < 0 && errno != EINTR) die_errno("epoll_wait");
  return events.first(count < 0 ? 0 : static_cast<std::size_t>(count));
}

/// Blocking: sends all of it. False when the peer is gone.
inline bool send_all(const Fd& fd, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A client that says this closes next; a server that hears it closes at once, as MySQL's does after
/// COM_QUIT.
constexpr char goodbye = 'Q';

/// Every program ends by itself, whatever its peers do.
inline void limit_run_time(unsigned seconds) {
  ::alarm(seconds);
}

}  // namespace corelane::tools
