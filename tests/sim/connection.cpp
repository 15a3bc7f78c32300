// SPDX-License-Identifier: Apache-2.0
// Connections between two ends, as TCP behaves on Linux.
#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "sim/kernel.hpp"

namespace corelane::sim {

namespace {
std::string key_of(const io::SocketAddress& address) {
  return {static_cast<const char*>(address.data()), address.size()};
}
}  // namespace

Socket& Kernel::make_socket() {
  auto& socket = static_cast<Socket&>(*files_.emplace_back(std::make_unique<Socket>()));
  socket.send_capacity = random_.number(weather_.socket_buffer_min, weather_.socket_buffer_max);
  socket.arrive_capacity = random_.number(weather_.socket_buffer_min, weather_.socket_buffer_max);
  return socket;
}

void Kernel::pair(Socket& one, Socket& other) {
  one.other = &other;
  other.other = &one;
}

Socket& Kernel::make_connected_pair(const base::Endpoint& here, const base::Endpoint& there) {
  Socket& one = make_socket();
  Socket& other = make_socket();
  other.peer = here;
  one.peer = there;
  pair(one, other);
  return one;
}

void Kernel::serve(const io::SocketAddress& address, Target& target) {
  targets_[key_of(address)] = &target;
}

Target* Kernel::target_of(const io::SocketAddress& address) {
  const auto found = targets_.find(key_of(address));
  return found == targets_.end() ? nullptr : found->second;
}

void Kernel::establish(Socket& socket, const io::SocketAddress& address, Target& target) {
  Socket& server_end = make_socket();
  socket.connecting = false;
  socket.peer = address.endpoint();
  pair(socket, server_end);
  target.on_established(server_end);
  changed(socket);
}

// What had arrived is read first; then an end that arrived; an error is told once, and after it reads as the
// end.
std::int64_t Kernel::receive(Socket& socket, std::span<std::byte> into) {
  if (socket.other != nullptr && !socket.other->arrived.empty()) {
    const std::size_t count = socket.other->arrived.pop(into);
    carry_later(*socket.other);
    return static_cast<std::int64_t>(count);
  }
  if (socket.end_arrived()) return 0;
  if (socket.error != 0) return -std::exchange(socket.error, 0);
  if (socket.broken || socket.shut_receive) return 0;
  return socket.other == nullptr ? -ENOTCONN : -EAGAIN;
}

std::int64_t Kernel::send(Socket& socket, std::span<const std::byte> bytes) {
  if (socket.error != 0) return -std::exchange(socket.error, 0);
  if (socket.broken || socket.shut_send) return -EPIPE;
  if (socket.other == nullptr) return -ENOTCONN;
  const std::size_t room = socket.send_capacity - std::min(socket.sent.size(), socket.send_capacity);
  if (room == 0) return -EAGAIN;
  const std::size_t count = std::min(room, bytes.size());
  socket.sent.push(bytes.first(count));
  carry_later(socket);
  return static_cast<std::int64_t>(count);
}

io::Relayed Kernel::relay(Socket& source, Socket& sink, std::span<std::byte> scratch) {
  if (random_.chance(weather_.splice_again)) return {.found = -EAGAIN};
  if (source.other == nullptr || source.other->arrived.empty()) return {.found = receive(source, {})};
  const std::size_t found = source.other->arrived.peek(scratch.first(perhaps_short(scratch.size())));
  const std::int64_t moved =
      random_.chance(weather_.splice_again) ? -EAGAIN : send(sink, scratch.first(perhaps_short(found)));
  if (moved > 0) receive(source, scratch.first(static_cast<std::size_t>(moved)));
  return {.found = static_cast<std::int64_t>(found), .moved = moved};
}

void Kernel::shutdown_send(Socket& socket) {
  if (socket.shut_send) return;
  socket.shut_send = true;
  if (!socket.broken) socket.fin_sent = true;
  changed(socket);
  carry_later(socket);
}

void Kernel::shutdown_both(Socket& socket) {
  shutdown_send(socket);
  socket.shut_receive = true;
  changed(socket);
}

// What was on the way from here is lost; what had arrived at the other end can be read there.
void Kernel::reset(Socket& socket) {
  if (socket.broken) return;
  socket.broken = true;
  socket.sent.clear();
  changed(socket);
  if (socket.other == nullptr) return;
  schedule(random_.between(0, weather_.network_us_max),
           [this, other = socket.other] { reset_arrives(*other); });
}

void Kernel::reset_arrives(Socket& socket) {
  if (socket.broken) return;
  socket.broken = true;
  socket.error = socket.end_arrived() ? EPIPE : ECONNRESET;
  socket.sent.clear();
  changed(socket);
}

// A close with unread bytes is a reset, as is one that was asked to be.
void Kernel::close(Socket& socket) {
  const bool unread = socket.other != nullptr && !socket.other->arrived.empty();
  socket.closed = true;
  socket.seen.closed_at = now_;
  socket.on_change = nullptr;
  if (socket.reset_on_close || unread) {
    reset(socket);
  } else {
    shutdown_send(socket);
  }
}

void Kernel::carry_later(Socket& from) {
  if (from.carrying || from.other == nullptr || from.broken) return;
  const bool bytes_move =
      !from.sent.empty() && (from.arrived.size() < from.arrive_capacity || from.other->closed);
  const bool end_moves = from.sent.empty() && from.fin_sent && !from.fin_arrived;
  if (!bytes_move && !end_moves) return;
  from.carrying = true;
  const TimeUs delay = random_.chance(300) ? 0 : random_.between(0, weather_.network_us_max);
  schedule(delay, [this, &from] { carry(from); });
}

void Kernel::carry(Socket& from) {
  from.carrying = false;
  Socket& to = *from.other;
  if (from.broken || to.broken) return;
  if (!from.sent.empty()) {
    if (to.closed) {  // nobody will read this
      reset(to);
      return;
    }
    const std::size_t room = from.arrive_capacity - std::min(from.arrived.size(), from.arrive_capacity);
    if (room > 0) from.sent.move_to(from.arrived, perhaps_short(std::min(room, from.sent.size())));
    changed(from);
    changed(to);
  } else if (from.fin_sent && !from.fin_arrived) {
    from.fin_arrived = true;
    changed(to);
  }
  carry_later(from);
}

}  // namespace corelane::sim
