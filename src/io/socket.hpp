// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/endpoint.hpp"

namespace corelane::io {

/// A file descriptor of the kernel (or of the simulated one). Negative: none.
using Descriptor = int;
inline constexpr Descriptor no_descriptor = -1;

/// A socket address in the kernel's form. Immutable once made and referenced by operations until they
/// are submitted, so it lives with the configuration.
class SocketAddress {
 public:
  static constexpr std::size_t bytes_max = 128;

  SocketAddress() = default;
  /// `endpoint` is ipv4 or ipv6.
  static SocketAddress from_endpoint(const base::Endpoint& endpoint);
  /// A UNIX socket's path; "@name" is the abstract namespace. Empty (size 0) when the path is too long (107
  /// bytes).
  static SocketAddress from_unix_path(std::string_view path);

  /// The kernel's own bytes (a sockaddr of `size` bytes), cut at bytes_max.
  static SocketAddress from_kernel(const void* address, std::uint32_t size);

  const void* data() const noexcept { return storage_; }
  std::uint32_t size() const noexcept { return size_; }
  base::Family family() const noexcept;
  /// Numeric address; Family::unix_socket without a path for UNIX sockets.
  base::Endpoint endpoint() const noexcept;

 private:
  std::uint32_t size_ = 0;  // first: what is used of most addresses is then on one cache line
  alignas(8) std::byte storage_[bytes_max]{};
};

/// TCP keep-alive; zero leaves the system's value.
struct KeepAlive {
  bool enabled = false;
  std::uint32_t idle_s = 0;
  std::uint32_t interval_s = 0;
  std::uint32_t count = 0;
};

/// The synchronous calls of the data path: those that never block and that io_uring has no cheaper form
/// for. Part of the kernel seam, like the ring. All return 0 or a descriptor, or -errno.

/// A stream socket for connecting to an address of this family: non-blocking, close-on-exec, TCP_NODELAY.
Descriptor socket_open_stream(base::Family family, const KeepAlive& keep_alive);

/// Makes a socket that is going to connect come from this address of the machine. A port may be in use
/// towards other destinations, or still in TIME_WAIT; without one (0) the kernel chooses it when it knows the
/// destination.
int socket_bind_source(Descriptor socket, const SocketAddress& source);

/// For a socket bound without a port: connecting takes this port of the system's range, or fails at once with
/// EADDRNOTAVAIL when it is in use towards the destination. Unlike a port that was bound to, it stays free
/// for others towards other destinations. -ENOPROTOOPT before Linux 6.3, whose connect searches for a port
/// itself.
int socket_ask_for_port(Descriptor socket, std::uint16_t port);

/// Sets TCP keep-alive; on a listener, for every connection accepted from it.
void socket_set_keep_alive(Descriptor socket, const KeepAlive& keep_alive);

/// Ends the sending half: the peer sees end of stream after everything sent before.
int socket_shutdown_send(Descriptor socket);
/// Ends both halves: pending operations of the ring complete; nothing is sent after what is queued.
int socket_shutdown_both(Descriptor socket);
/// Makes the coming close a reset (RST) that drops what is queued.
int socket_reset_on_close(Descriptor socket);

/// Makes the coming close one that the peer does not hear of: nothing is sent, where the process may ask that
/// of the kernel (CAP_NET_ADMIN), else a reset that no router passes on.
void socket_close_silently(Descriptor socket);

/// Before connecting: the handshake's last acknowledgment waits for something to be sent with it. A reset
/// that comes first is all that the peer's system sees, and the peer itself never learns of the connection.
void socket_delay_handshake_ack(Descriptor socket);

/// Resets a TCP connection, or gives up making one, and leaves the socket fit for another connect. What was
/// set on it stays, apart from socket_delay_handshake_ack(). 0 or -errno.
int socket_disconnect(Descriptor socket);

/// Bytes sent that the peer's system has not acknowledged yet.
std::uint32_t socket_unacknowledged(Descriptor socket);

/// What the kernel has measured of a TCP connection: times in us, the others in segments.
struct TcpInfo {
  std::uint32_t rtt_us = 0;
  std::uint32_t rtt_variance_us = 0;
  std::uint32_t unacked = 0;
  std::uint32_t sacked = 0;
  std::uint32_t lost = 0;
  std::uint32_t retransmitted = 0;
  std::uint32_t forward_acked = 0;
  std::uint32_t reordering = 0;
};
/// False for what is no TCP connection.
bool socket_tcp_info(Descriptor socket, TcpInfo& info);

/// The other end's address. Family::none when it is gone already.
base::Endpoint socket_peer(Descriptor socket);
/// This end's address.
base::Endpoint socket_local(Descriptor socket);
/// Where the peer of an accepted connection wanted to go: this end's address as it was before the machine's
/// own NAT (redirect, dnat) changed it.
base::Endpoint socket_destination(Descriptor socket);

/// What can be said of a connection without reading from it.
struct PeerState {
  bool gone = false;       // in both directions, as after a reset
  bool ended = false;      // the peer has ended its sending half; there may still be bytes to read
  bool has_bytes = false;  // there are
};
PeerState socket_peer_state(Descriptor socket);

/// The connection stands, and nothing that the peer said waits to be read: no byte and no end.
bool socket_quiet(Descriptor socket);

/// A pipe to splice through.
struct Pipe {
  Descriptor read_end = no_descriptor;
  Descriptor write_end = no_descriptor;
  std::uint32_t capacity = 0;  // bytes
};

/// Opens a pipe with `capacity_wanted` bytes, or as much as the kernel grants. 0 or -errno.
int pipe_open(Pipe& pipe, std::uint32_t capacity_wanted);
void pipe_close(Pipe& pipe);

/// Moves up to `bytes_max` bytes without copying and without blocking (splice(2)). Returns bytes, 0 at end of
/// stream, -EAGAIN when either side would block.
std::int64_t splice_socket_to_pipe(Descriptor socket, const Pipe& pipe, std::size_t bytes_max);
/// `more` says that more bytes follow at once, so that the last segment may wait for them.
std::int64_t splice_pipe_to_socket(const Pipe& pipe, Descriptor socket, std::size_t bytes_max, bool more);

/// What a relay found at its source, and what the sink took of it.
struct Relayed {
  std::int64_t found = 0;  // bytes; 0: end of stream; -errno
  std::int64_t moved = 0;  // bytes; -errno of the sink; 0 when nothing was found
};

/// Moves bytes from one socket to another without blocking and without keeping any: what the sink does not
/// take stays in the source. `scratch` bounds the bytes, and holds them during the call only.
Relayed socket_relay(Descriptor source, Descriptor sink, std::span<std::byte> scratch);

}  // namespace corelane::io
