// SPDX-License-Identifier: Apache-2.0
// The functions of io/socket.hpp over the simulated kernel.
#include <algorithm>
#include <cerrno>
#include <vector>

#include "io/socket.hpp"
#include "io/socket_options.hpp"
#include "sim/kernel.hpp"

namespace corelane::io {

using sim::Kernel;
using sim::PipeEnd;
using sim::Socket;

Descriptor socket_open_stream(base::Family, const KeepAlive&) {
  Kernel& kernel = Kernel::current();
  const Descriptor descriptor = kernel.open(kernel.make_socket());
  kernel.trace("socket -> {}", descriptor);
  return descriptor;
}

int socket_bind_source(Descriptor descriptor, const SocketAddress& source) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "bind");
  if (socket == nullptr) return -EBADF;
  const auto& ip = source.endpoint().ip;
  const bool own = ip[0] == 10 && ip[1] == 1 && ip[2] == 1;  // what plans give as the machine's addresses
  if (!own && !socket->transparent)
    kernel.fail(fmt::format("bind of descriptor {} to an address of another machine", descriptor));
  const bool busy = kernel.random().chance(kernel.weather().source_port_busy);
  kernel.trace("bind({}, {}){}", descriptor, base::endpoint_text(source.endpoint()), busy ? ": in use" : "");
  if (busy) return -EADDRINUSE;
  socket->source = source.endpoint();
  return 0;
}

int socket_ask_for_port(Descriptor descriptor, std::uint16_t port) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "setsockopt");
  if (socket == nullptr) return -EBADF;
  if (port == 0) kernel.fail(fmt::format("descriptor {} asks for port 0", descriptor));
  kernel.trace("ask_for_port({}, {})", descriptor, port);
  socket->asked_port = port;
  return 0;
}

SocketOptionFailure socket_set_options(Descriptor descriptor, base::Family, const SocketOptions& options) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "setsockopt");
  if (socket == nullptr) return {SocketOption::interface, EBADF};
  const bool gone = !options.interface.empty() && kernel.random().chance(kernel.weather().interface_gone);
  kernel.trace("options({}){}", descriptor, gone ? ": no such device" : "");
  if (gone) return {SocketOption::interface, ENODEV};
  socket->transparent = options.transparent;
  return {};
}

bool address_is_local(const base::Endpoint&) {
  return false;
}

void socket_set_keep_alive(Descriptor socket, const KeepAlive&) {
  (void)Kernel::current().find(socket, "setsockopt");
}

int socket_shutdown_send(Descriptor descriptor) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "shutdown");
  if (socket == nullptr) return -EBADF;
  kernel.trace("shutdown({}, send)", descriptor);
  if (socket->sending != 0)
    kernel.fail(fmt::format("shutdown of descriptor {} while a send is in flight", descriptor));
  if (socket->other == nullptr || socket->broken) return -ENOTCONN;
  socket->seen.end_said_at = kernel.now();
  kernel.shutdown_send(*socket);
  return 0;
}

int socket_shutdown_both(Descriptor descriptor) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "shutdown");
  if (socket == nullptr) return -EBADF;
  kernel.trace("shutdown({}, both)", descriptor);
  kernel.shutdown_both(*socket);
  return 0;
}

int socket_reset_on_close(Descriptor descriptor) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "setsockopt");
  if (socket == nullptr) return -EBADF;
  kernel.trace("reset_on_close({})", descriptor);
  socket->reset_on_close = true;
  return 0;
}

std::uint32_t socket_unacknowledged(Descriptor descriptor) {
  auto* socket = Kernel::current().find_as<Socket>(descriptor, "ioctl");
  return socket == nullptr ? 0 : static_cast<std::uint32_t>(socket->sent.size());
}

void socket_close_silently(Descriptor socket) {
  (void)socket_reset_on_close(socket);
}

bool socket_tcp_info(Descriptor descriptor, TcpInfo& info) {
  info = {};
  return Kernel::current().find_as<Socket>(descriptor, "getsockopt") != nullptr;
}

base::Endpoint socket_peer(Descriptor descriptor) {
  auto* socket = Kernel::current().find_as<Socket>(descriptor, "getpeername");
  return socket == nullptr || socket->broken ? base::Endpoint{} : socket->peer;
}

base::Endpoint socket_local(Descriptor descriptor) {
  auto* socket = Kernel::current().find_as<Socket>(descriptor, "getsockname");
  return socket == nullptr || socket->broken ? base::Endpoint{} : socket->other->peer;
}

base::Endpoint socket_destination(Descriptor descriptor) {
  return socket_local(descriptor);
}

PeerState socket_peer_state(Descriptor descriptor) {
  auto* socket = Kernel::current().find_as<Socket>(descriptor, "poll");
  if (socket == nullptr) return {.gone = true, .ended = true};
  if (socket->broken) socket->seen.send_answered(-EPIPE, Kernel::current().now());
  return {.gone = socket->broken,
          .ended = socket->end_arrived(),
          .has_bytes = socket->other != nullptr && !socket->other->arrived.empty()};
}

bool socket_quiet(Descriptor descriptor) {
  auto* socket = Kernel::current().find_as<Socket>(descriptor, "receive");
  if (socket == nullptr) return false;
  const base::TimeUs now = Kernel::current().now();
  if (socket->broken) socket->seen.read_answered(-ECONNRESET, now);
  if (socket->end_arrived()) socket->seen.read_answered(0, now);
  const bool has_bytes = socket->other != nullptr && !socket->other->arrived.empty();
  return !socket->broken && !socket->end_arrived() && !has_bytes;
}

int pipe_open(Pipe& pipe, std::uint32_t capacity_wanted) {
  Kernel& kernel = Kernel::current();
  const std::uint32_t capacity = std::min(capacity_wanted, kernel.weather().pipe_capacity_max);
  sim::PipeBuffer& buffer = kernel.make_pipe(std::max<std::uint32_t>(capacity, 1));
  const Descriptor read_end = kernel.open(kernel.make_pipe_end(buffer, false));
  if (read_end < 0) return read_end;
  const Descriptor write_end = kernel.open(kernel.make_pipe_end(buffer, true));
  if (write_end < 0) {
    kernel.begin_close(read_end);
    kernel.end_close(read_end);
    return write_end;
  }
  pipe = {.read_end = read_end, .write_end = write_end, .capacity = buffer.capacity};
  kernel.trace("pipe -> {} {} of {} bytes", read_end, write_end, buffer.capacity);
  return 0;
}

void pipe_close(Pipe& pipe) {
  Kernel& kernel = Kernel::current();
  if (auto* end = kernel.find_as<PipeEnd>(pipe.read_end, "close")) end->pipe->hold_for(nullptr, kernel.now());
  for (const Descriptor end : {pipe.read_end, pipe.write_end}) {
    if (kernel.begin_close(end) != nullptr) kernel.end_close(end);
  }
  pipe = Pipe{};
}

namespace {

PipeEnd* pipe_end(Descriptor descriptor, bool writes) {
  auto* end = Kernel::current().find_as<PipeEnd>(descriptor, "splice");
  if (end != nullptr && end->writes != writes) Kernel::current().fail("splice on the wrong end of a pipe");
  return end;
}

}  // namespace

std::int64_t splice_socket_to_pipe(Descriptor descriptor, const Pipe& pipe, std::size_t bytes_max) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "splice");
  PipeEnd* end = pipe_end(pipe.write_end, true);
  if (socket == nullptr || end == nullptr) return -EBADF;
  if (socket->receiving != 0)
    kernel.fail(fmt::format("splice from descriptor {} while a receive is in flight", descriptor));
  ++kernel.counts().splices;
  if (kernel.weather().splice_refused) return -EINVAL;
  const std::size_t room = end->pipe->capacity - end->pipe->bytes.size();
  if (room == 0 || kernel.random().chance(kernel.weather().splice_again)) return -EAGAIN;
  std::vector<std::byte> bytes(kernel.perhaps_short(std::min(room, bytes_max)));
  const std::int64_t moved = kernel.receive(*socket, bytes);
  if (moved > 0) {
    end->pipe->bytes.push(std::span(bytes).first(static_cast<std::size_t>(moved)));
    end->pipe->hold_for(socket, kernel.now());
    socket->seen.said_at.push_back(kernel.now());
  }
  socket->seen.read_answered(moved, kernel.now());
  kernel.trace("splice {} -> pipe: {}", descriptor, moved);
  return moved;
}

std::int64_t splice_pipe_to_socket(const Pipe& pipe, Descriptor descriptor, std::size_t bytes_max, bool) {
  Kernel& kernel = Kernel::current();
  auto* socket = kernel.find_as<Socket>(descriptor, "splice");
  PipeEnd* end = pipe_end(pipe.read_end, false);
  if (socket == nullptr || end == nullptr) return -EBADF;
  if (socket->sending != 0)
    kernel.fail(fmt::format("splice to descriptor {} while a send is in flight", descriptor));
  if (kernel.random().chance(kernel.weather().splice_again)) return -EAGAIN;
  const std::size_t wanted = std::min(bytes_max, end->pipe->bytes.size());
  if (wanted == 0) return -EAGAIN;
  if (!socket->broken && !socket->shut_send) {
    const std::size_t room = socket->send_capacity - std::min(socket->sent.size(), socket->send_capacity);
    if (room == 0) return -EAGAIN;
    std::vector<std::byte> bytes(kernel.perhaps_short(std::min(room, wanted)));
    end->pipe->bytes.pop(bytes);
    const std::int64_t moved = kernel.send(*socket, bytes);
    if (end->pipe->bytes.empty()) end->pipe->hold_for(nullptr, kernel.now());
    kernel.trace("splice pipe -> {}: {}", descriptor, moved);
    if (moved > 0) {
      socket->seen.took_at.push_back(kernel.now());
      socket->seen.taken += static_cast<std::uint64_t>(moved);
    }
    socket->seen.send_answered(moved, kernel.now());
    return moved;
  }
  const std::byte lost{};
  const std::int64_t refused = kernel.send(*socket, {&lost, 1});
  socket->seen.send_answered(refused, kernel.now());
  return refused;
}

Relayed socket_relay(Descriptor from, Descriptor to, std::span<std::byte> scratch) {
  Kernel& kernel = Kernel::current();
  auto* source = kernel.find_as<Socket>(from, "receive");
  auto* sink = kernel.find_as<Socket>(to, "send");
  if (source == nullptr || sink == nullptr) return {.found = -EBADF};
  if (source->receiving != 0)
    kernel.fail(fmt::format("relay from descriptor {} while a receive is in flight", from));
  if (sink->sending != 0) kernel.fail(fmt::format("relay to descriptor {} while a send is in flight", to));
  ++kernel.counts().relays;
  const Relayed relayed = kernel.relay(*source, *sink, scratch);
  kernel.trace("relay {} -> {}: {} of {}", from, to, relayed.moved, relayed.found);
  source->seen.read_answered(relayed.found, kernel.now());
  sink->seen.send_answered(relayed.moved, kernel.now());
  source->seen.left_there(relayed.found > std::max<std::int64_t>(relayed.moved, 0), kernel.now());
  if (relayed.moved > 0) {
    source->seen.said_at.push_back(kernel.now());
    sink->seen.took_at.push_back(kernel.now());
    sink->seen.taken += static_cast<std::uint64_t>(relayed.moved);
  }
  return relayed;
}

}  // namespace corelane::io
