// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.hpp"
#include "io/socket.hpp"

namespace corelane::io {

namespace {

int result_or_errno(int result) {
  return result < 0 ? -errno : result;
}

void set_option(Descriptor socket, int level, int option, int value) {
  // Fails only where the protocol lacks the option, which then has no meaning either.
  (void)::setsockopt(socket, level, option, &value, sizeof value);
}

int domain_of(base::Family family) {
  switch (family) {
    case base::Family::ipv4:
      return AF_INET;
    case base::Family::ipv6:
      return AF_INET6;
    case base::Family::unix_socket:
      return AF_UNIX;
    case base::Family::none:
      break;
  }
  return AF_UNSPEC;
}

}  // namespace

Descriptor socket_open_stream(base::Family family, const KeepAlive& keep_alive) {
  const int socket = ::socket(domain_of(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -errno;
  if (family == base::Family::unix_socket) return socket;
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  socket_set_keep_alive(socket, keep_alive);
  return socket;
}

int socket_bind_source(Descriptor socket, const SocketAddress& source) {
  // On either side of a conflict: who binds to a port that one without the option has, or left in TIME_WAIT,
  // is refused, wherever that one's connection goes.
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (source.endpoint().port == 0) set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  return result_or_errno(::bind(socket, static_cast<const sockaddr*>(source.data()), source.size()));
}

// IP_LOCAL_PORT_RANGE, with a range of one port.
int socket_ask_for_port(Descriptor socket, std::uint16_t port) {
  constexpr int ip_local_port_range = 51;  // <linux/in.h> of 6.3
  const std::uint32_t range = std::uint32_t{port} << 16U | port;
  return result_or_errno(::setsockopt(socket, IPPROTO_IP, ip_local_port_range, &range, sizeof range));
}

void socket_set_keep_alive(Descriptor socket, const KeepAlive& keep_alive) {
  if (!keep_alive.enabled) return;
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (keep_alive.idle_s != 0) {
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(keep_alive.idle_s));
  }
  if (keep_alive.interval_s != 0) {
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(keep_alive.interval_s));
  }
  if (keep_alive.count != 0) {
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(keep_alive.count));
  }
}

int socket_shutdown_send(Descriptor socket) {
  return result_or_errno(::shutdown(socket, SHUT_WR));
}

int socket_shutdown_both(Descriptor socket) {
  return result_or_errno(::shutdown(socket, SHUT_RDWR));
}

int socket_reset_on_close(Descriptor socket) {
  const linger off_at_once{.l_onoff = 1, .l_linger = 0};
  return result_or_errno(::setsockopt(socket, SOL_SOCKET, SO_LINGER, &off_at_once, sizeof off_at_once));
}

void socket_delay_handshake_ack(Descriptor socket) {
  set_option(socket, IPPROTO_TCP, TCP_QUICKACK, 0);
}

// connect(2): AF_UNSPEC dissolves the association. The kernel notes a reset as the socket's error, which
// would be the next connect's answer.
int socket_disconnect(Descriptor socket) {
  const sockaddr nowhere{.sa_family = AF_UNSPEC, .sa_data = {}};
  if (::connect(socket, &nowhere, sizeof nowhere) != 0) return -errno;
  int error = 0;
  socklen_t size = sizeof error;
  return result_or_errno(::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size));
}

void socket_close_silently(Descriptor socket) {
  const int off = 0;
  const int one = 1;
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
  (void)socket_reset_on_close(socket);
  if (::setsockopt(socket, IPPROTO_TCP, TCP_REPAIR, &one, sizeof one) == 0) return;
  (void)::setsockopt(socket, IPPROTO_IP, IP_TTL, &one, sizeof one);
  (void)::setsockopt(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &one, sizeof one);
}

std::uint32_t socket_unacknowledged(Descriptor socket) {
  int bytes = 0;
  return ::ioctl(socket, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::uint32_t>(bytes) : 0;
}

bool socket_tcp_info(Descriptor socket, TcpInfo& info) {
  tcp_info known{};
  socklen_t size = sizeof known;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &known, &size) < 0) return false;
  info = {.rtt_us = known.tcpi_rtt,
          .rtt_variance_us = known.tcpi_rttvar,
          .unacked = known.tcpi_unacked,
          .sacked = known.tcpi_sacked,
          .lost = known.tcpi_lost,
          .retransmitted = known.tcpi_retrans,
          .forward_acked = known.tcpi_fackets,
          .reordering = known.tcpi_reordering};
  return true;
}

base::Endpoint socket_peer(Descriptor socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) < 0) return {};
  return SocketAddress::from_kernel(&storage, size).endpoint();
}

base::Endpoint socket_local(Descriptor socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) < 0) return {};
  return SocketAddress::from_kernel(&storage, size).endpoint();
}

// An IPv6 socket cannot ask about its IPv4 connections.
base::Endpoint socket_destination(Descriptor socket) {
  // <linux/netfilter_ipv4.h> and its sister for IPv6 do not go together with <netinet/in.h>.
  constexpr int so_original_dst = 80;
  const base::Endpoint local = socket_local(socket);
  if (!base::is_ip(local.family)) return local;
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  const int level = local.family == base::Family::ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
  const int asked = ::getsockopt(socket, level, so_original_dst, &storage, &size);
  return asked == 0 ? SocketAddress::from_kernel(&storage, size).endpoint() : local;
}

PeerState socket_peer_state(Descriptor socket) {
  pollfd state{.fd = socket, .events = POLLRDHUP, .revents = 0};
  if (::poll(&state, 1, 0) != 1) return {};
  int bytes = 0;
  (void)::ioctl(socket, FIONREAD, &bytes);
  return {.gone = (state.revents & (POLLERR | POLLHUP)) != 0,
          .ended = (state.revents & POLLRDHUP) != 0,
          .has_bytes = bytes > 0};
}

bool socket_quiet(Descriptor socket) {
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

int pipe_open(Pipe& pipe, std::uint32_t capacity_wanted) {
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) return -errno;
  // Refused when the user's share of pipe pages is used up; the default size works as well, in smaller steps.
  (void)::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(capacity_wanted));
  const int capacity = ::fcntl(ends[1], F_GETPIPE_SZ);
  pipe = {.read_end = ends[0], .write_end = ends[1], .capacity = static_cast<std::uint32_t>(capacity)};
  return 0;
}

void pipe_close(Pipe& pipe) {
  (void)::close(pipe.read_end);
  (void)::close(pipe.write_end);
  pipe = Pipe{};
}

std::int64_t splice_socket_to_pipe(Descriptor socket, const Pipe& pipe, std::size_t bytes_max) {
  const ssize_t moved =
      ::splice(socket, nullptr, pipe.write_end, nullptr, bytes_max, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  return moved < 0 ? -errno : moved;
}

std::int64_t splice_pipe_to_socket(const Pipe& pipe, Descriptor socket, std::size_t bytes_max, bool more) {
  const unsigned flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | (more ? unsigned{SPLICE_F_MORE} : 0U);
  const ssize_t moved = ::splice(pipe.read_end, nullptr, socket, nullptr, bytes_max, flags);
  return moved < 0 ? -errno : moved;
}

// Looked at first and taken afterwards. What was seen is there to be taken, even after a reset.
Relayed socket_relay(Descriptor source, Descriptor sink, std::span<std::byte> scratch) {
  const ssize_t found = ::recv(source, scratch.data(), scratch.size(), MSG_PEEK | MSG_DONTWAIT);
  if (found <= 0) return {.found = found < 0 ? -errno : 0};
  const ssize_t sent =
      ::send(sink, scratch.data(), static_cast<std::size_t>(found), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return {.found = found, .moved = -errno};
  for (ssize_t taken = 0; taken < sent;) {
    const ssize_t more = ::recv(source, scratch.data(), static_cast<std::size_t>(sent - taken), MSG_DONTWAIT);
    CORELANE_CHECK(more > 0);
    taken += more;
  }
  return {.found = found, .moved = sent};
}

}  // namespace corelane::io
