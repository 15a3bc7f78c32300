// SPDX-License-Identifier: Apache-2.0
#include "runtime/listen_open.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "runtime/listen_error.hpp"

namespace corelane::runtime {

namespace {

// The kernel hands over a connection without data after about this time all the same.
constexpr int defer_accept_s = 1;

const sockaddr* socket_address(const io::SocketAddress& address) {
  return static_cast<const sockaddr*>(address.data());
}

bool set_int(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

bool get_int(int socket, int level, int option, int& value) {
  socklen_t size = sizeof value;
  return ::getsockopt(socket, level, option, &value, &size) == 0;
}

io::KeepAlive keep_alive_of(const config::KeepAlive& keep_alive) {
  const auto seconds = [](std::int64_t ms) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>((ms + 999) / 1000, 0, INT_MAX));
  };
  return {.enabled = keep_alive.enabled,
          .idle_s = seconds(keep_alive.idle_ms),
          .interval_s = seconds(keep_alive.interval_ms),
          .count = keep_alive.count};
}

/// A socket that closes itself unless it is released, and knows how to say what went wrong with it.
class OpeningSocket {
 public:
  OpeningSocket(const ListenRequest& request, int domain)
      : request_(request), socket_(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  OpeningSocket(const OpeningSocket&) = delete;
  OpeningSocket& operator=(const OpeningSocket&) = delete;
  ~OpeningSocket() {
    if (socket_ >= 0) ::close(socket_);
  }

  int get() const noexcept { return socket_; }
  int release() noexcept { return std::exchange(socket_, -1); }
  bool bind() const noexcept {
    return ::bind(socket_, socket_address(request_.address), request_.address.size()) == 0;
  }
  /// With the errno of the call that has just failed.
  Failure failure(ListenStep step, io::SocketOption option = io::SocketOption::none) const {
    const ListenError error{.place = request_.place,
                            .address = request_.address_text(),
                            .interface = request_.bind.interface,
                            .port = request_.address.endpoint().port,
                            .step = step,
                            .option = option,
                            .error_number = errno};
    return {ExitStatus::resources, listen_error_text(error)};
  }

 private:
  const ListenRequest& request_;
  int socket_;
};

int ip_domain(const ListenRequest& request) {
  return request.address.family() == base::Family::ipv6 ? AF_INET6 : AF_INET;
}

/// Everything that decides which connections the address stands for, and the bind itself.
std::optional<Failure> bind_ip(const ListenRequest& request, const OpeningSocket& socket) {
  const config::Bind& bind = request.bind;
  set_int(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (request.address.family() == base::Family::ipv6) {
    set_int(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, bind.ipv6_only ? 1 : 0);
  }
  const io::SocketOptions options{.interface = bind.interface,
                                  .mark = bind.marks.mark,
                                  .tos = bind.marks.tos,
                                  .transparent = bind.transparent,
                                  .freebind = bind.freebind};
  const io::SocketOptionFailure refused =
      io::socket_set_options(socket.get(), request.address.family(), options);
  if (refused.error_number != 0) {
    errno = refused.error_number;
    return socket.failure(ListenStep::option, refused.option);
  }
  if (!socket.bind()) return socket.failure(ListenStep::bind);
  return std::nullopt;
}

/// A socket file without a process behind it refuses connections.
bool stale_socket_file(const ListenRequest& request) {
  struct stat status {};
  if (::lstat(request.bind.address.path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return false;
  const bool refused =
      ::connect(probe, socket_address(request.address), request.address.size()) != 0 && errno == ECONNREFUSED;
  ::close(probe);
  return refused;
}

/// Why a UNIX socket could not be bound, where the kernel only says "in use".
int unix_bind_error(const ListenRequest& request, int error_number) {
  struct stat status {};
  const bool other_file = error_number == EADDRINUSE && request.bind.address.path.front() != '@' &&
                          ::lstat(request.bind.address.path.c_str(), &status) == 0 &&
                          !S_ISSOCK(status.st_mode);
  return other_file ? EEXIST : error_number;
}

bool bind_unix(const ListenRequest& request, const OpeningSocket& socket) {
  if (request.bind.socket_mode == 0) return socket.bind();
  // The file must never be more open than asked for, not even for a moment; at this time the process has one
  // thread.
  const mode_t before = ::umask(~static_cast<mode_t>(request.bind.socket_mode) & 0777U);
  const bool bound = socket.bind();
  const int error_number = errno;
  ::umask(before);
  errno = error_number;
  return bound;
}

Failure inherited_failure(const ListenRequest& request, const char* what) {
  return {ExitStatus::resources,
          fmt::format(
              "{}: cannot accept on descriptor {}: {}; it must be inherited from the parent as a listening "
              "stream socket (systemd: a .socket unit; its first descriptor is fd@3)",
              request.place, request.bind.address.descriptor, what)};
}

}  // namespace

bool ListenRequest::is_ip() const noexcept {
  const base::Family family = address.family();
  return base::is_ip(family);
}

std::string ListenRequest::address_text() const {
  return is_ip() ? base::endpoint_text(address.endpoint()) : bind.address.text;
}

std::optional<Failure> probe_ip_address(const ListenRequest& request) {
  const OpeningSocket socket(request, ip_domain(request));
  if (socket.get() < 0) return socket.failure(ListenStep::socket);
  return bind_ip(request, socket);
}

std::optional<Failure> open_ip_socket(const ListenRequest& request, io::Descriptor& opened) {
  OpeningSocket socket(request, ip_domain(request));
  if (socket.get() < 0) return socket.failure(ListenStep::socket);
  if (request.one_per_lane && !set_int(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1))
    return socket.failure(ListenStep::socket);
  if (std::optional<Failure> failure = bind_ip(request, socket)) return failure;
  const config::Bind& bind = request.bind;
  if (bind.max_segment != 0 &&
      !set_int(socket.get(), IPPROTO_TCP, TCP_MAXSEG, static_cast<int>(bind.max_segment))) {
    return socket.failure(ListenStep::max_segment);
  }
  // Accepted sockets inherit these from their listener.
  set_int(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  io::socket_set_keep_alive(socket.get(), keep_alive_of(request.keep_alive));
  if (bind.defer_accept) set_int(socket.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, defer_accept_s);
  if (::listen(socket.get(), request.backlog) != 0) return socket.failure(ListenStep::listen);
  opened = socket.release();
  return std::nullopt;
}

std::optional<Failure> open_unix_socket(const ListenRequest& request, io::Descriptor& opened) {
  OpeningSocket socket(request, AF_UNIX);
  if (socket.get() < 0) return socket.failure(ListenStep::socket);
  if (!bind_unix(request, socket)) {
    const int error_number = errno;
    const bool stale = error_number == EADDRINUSE && stale_socket_file(request) &&
                       ::unlink(request.bind.address.path.c_str()) == 0;
    if (!stale || !bind_unix(request, socket)) {
      if (!stale) errno = unix_bind_error(request, error_number);
      return socket.failure(ListenStep::bind);
    }
  }
  if (::listen(socket.get(), request.backlog) != 0) return socket.failure(ListenStep::listen);
  opened = socket.release();
  return std::nullopt;
}

std::optional<Failure> open_inherited_socket(const ListenRequest& request, io::Descriptor& opened) {
  const int descriptor = request.bind.address.descriptor;
  int value = 0;
  if (::fcntl(descriptor, F_GETFD) < 0) return inherited_failure(request, "no such descriptor is open");
  if (!get_int(descriptor, SOL_SOCKET, SO_TYPE, value))
    return inherited_failure(request, "it is not a socket");
  if (value != SOCK_STREAM) return inherited_failure(request, "it is not a stream socket");
  if (!get_int(descriptor, SOL_SOCKET, SO_ACCEPTCONN, value) || value == 0) {
    return inherited_failure(request, "the socket does not listen");
  }
  set_int(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  io::socket_set_keep_alive(descriptor, keep_alive_of(request.keep_alive));
  opened = descriptor;
  return std::nullopt;
}

}  // namespace corelane::runtime
