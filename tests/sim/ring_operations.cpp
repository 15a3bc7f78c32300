// SPDX-License-Identifier: Apache-2.0
// How each kind of operation starts, completes and is cancelled.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "sim/ring_core.hpp"

namespace corelane::sim {

namespace {

const char* name_of(Operation::Kind kind) {
  switch (kind) {
    case Operation::Kind::accept:
      return "accept";
    case Operation::Kind::connect:
      return "connect";
    case Operation::Kind::receive:
      return "receive";
    case Operation::Kind::send:
      return "send";
    case Operation::Kind::poll:
      return "poll";
  }
  return "";
}

}  // namespace

TimeUs RingCore::latency() {
  return kernel_.random().chance(500) ? 0 : kernel_.random().between(0, kernel_.weather().latency_us_max);
}

void RingCore::start(Operation& operation) {
  operation.started = true;
  operation.file->waiting.push_back(&operation);
  kernel_.trace("{}({}) starts", name_of(operation.kind), operation.descriptor);
  if (operation.kind == Operation::Kind::connect) {
    start_connect(operation);
  } else if (kernel_.random().chance(500)) {
    attempt(operation);
  } else {
    look_soon(operation);
  }
}

void RingCore::look_soon(Operation& operation) {
  if (operation.done || operation.due || !operation.started) return;
  operation.due = true;
  kernel_.schedule(latency(), [&operation] {
    operation.due = false;
    if (!operation.done && !operation.cancelled) operation.ring->attempt(operation);
  });
}

// The operation may win against its cancel, before or after; what changes meanwhile does not wake it any
// more.
void RingCore::start_cancel(Operation& operation) {
  kernel_.trace("cancel of {}({})", name_of(operation.kind), operation.descriptor);
  const unsigned races = kernel_.weather().cancel_races / 2;
  if (kernel_.random().chance(races)) attempt(operation);
  if (operation.done) return;
  operation.cancelled = true;
  kernel_.schedule(latency(), [&operation, races] {
    if (operation.done) return;
    RingCore& ring = *operation.ring;
    if (ring.kernel_.random().chance(races)) ring.attempt(operation);
    if (!operation.done) ring.post(operation, -ECANCELED);
  });
}

void RingCore::start_connect(Operation& operation) {
  auto& socket = static_cast<Socket&>(*operation.file);
  const bool port_busy =
      socket.asked_port != 0 && kernel_.random().chance(kernel_.weather().source_port_busy);
  operation.target = port_busy ? nullptr : kernel_.target_of(operation.address);
  socket.target = operation.target;
  operation.answer = operation.target != nullptr
                         ? operation.target->on_connect()
                         : Target::Answer{.error = port_busy ? EADDRNOTAVAIL : ECONNREFUSED, .delay = 0};
  if (operation.answer.delay == base::time_never) {
    ++kernel_.counts().connects_unanswered;
    return;
  }
  kernel_.schedule(operation.answer.delay, [&operation] {
    if (!operation.done && !operation.cancelled) operation.ring->attempt(operation);
  });
}

void RingCore::attempt(Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::accept:
      attempt_accept(operation);
      break;
    case Operation::Kind::connect:
      attempt_connect(operation);
      break;
    case Operation::Kind::receive:
      attempt_receive(operation);
      break;
    case Operation::Kind::send:
      attempt_send(operation);
      break;
    case Operation::Kind::poll:
      attempt_poll(operation);
      break;
  }
}

void RingCore::attempt_accept(Operation& operation) {
  const int result = kernel_.accept(static_cast<Listener&>(*operation.file));
  if (result == -EAGAIN) return;
  const bool overflow = posted_.size() >= options_.completion_entries;  // ends what is multishot
  const bool more = result >= 0 && operation.multishot && !overflow &&
                    !kernel_.random().chance(kernel_.weather().multishot_ends);
  post(operation, result, more);
  if (more && operation.file->readable()) look_soon(operation);
}

void RingCore::attempt_connect(Operation& operation) {
  auto& socket = static_cast<Socket&>(*operation.file);
  if (socket.shut_receive) {
    post(operation, -ECONNRESET);
  } else if (operation.answer.delay == base::time_never) {
    return;
  } else if (operation.answer.error != 0) {
    ++kernel_.counts().connects_failed;
    post(operation, -operation.answer.error);
  } else {
    kernel_.establish(socket, operation.address, *operation.target);
    post(operation, 0);
  }
}

void RingCore::attempt_receive(Operation& operation) {
  Random& random = kernel_.random();
  if (offered_.empty() || random.chance(kernel_.weather().no_buffer)) {
    ++counters_.buffers_exhausted;
    ++kernel_.counts().buffers_exhausted;
    offer_target_ = std::min(offer_target_ * 2, options_.buffers_offered_max);
    post(operation, -ENOBUFS);
    return;
  }
  auto& socket = static_cast<Socket&>(*operation.file);
  std::swap(offered_[random.size(0, offered_.size() - 1)], offered_.back());
  const std::uint32_t slot = offered_.back();
  fill_with_garbage(slot);
  const std::size_t wanted = kernel_.perhaps_short(buffers_.buffer_size());
  const std::int64_t result = kernel_.receive(socket, {buffers_.memory(slot), wanted});
  if (result == -EAGAIN) return;
  // The end of the stream may come with the buffer that was picked for bytes.
  const bool takes_buffer = result > 0 || (result == 0 && random.chance(500));
  if (takes_buffer) {
    offered_.pop_back();
    lease(slot, socket);
  }
  if (result > 0) operation.bytes_received += static_cast<std::uint32_t>(result);
  const bool more = result > 0 && operation.multishot && operation.bytes_received < operation.bytes_cap &&
                    posted_.size() < options_.completion_entries &&
                    !random.chance(kernel_.weather().multishot_ends);
  post(operation, result, more, takes_buffer ? slot : io::BufferPool::none);
  if (more && socket.readable()) look_soon(operation);
}

void RingCore::lease(std::uint32_t slot, Socket& source) {
  buffer_uses_[slot] = {
      .generation = buffer_uses_[slot].generation + 1, .source = &source, .use = Use::leased};
  ++leased_;
  std::uint32_t& most = kernel_.counts().leases_of_one_source;
  most = std::max(most, ++source.seen.leases);
}

std::int32_t RingCore::receive_reserved(Descriptor descriptor, io::BufferLease& into) {
  auto* socket = kernel_.find_as<Socket>(descriptor, "recv");
  if (socket == nullptr) return -EBADF;
  if (socket->receiving != 0)
    kernel_.fail(fmt::format("recv from descriptor {} while a receive is in flight", descriptor));
  if (kernel_.random().chance(kernel_.weather().splice_again)) return -EAGAIN;
  notice_returned_buffers();
  const std::uint32_t slot = buffers_.take_reserved();
  if (slot == io::BufferPool::none) return -ENOBUFS;
  ++kernel_.counts().reserved_receives;
  const std::size_t wanted = kernel_.perhaps_short(buffers_.buffer_size());
  const auto result = static_cast<std::int32_t>(kernel_.receive(*socket, {buffers_.memory(slot), wanted}));
  kernel_.trace("recv({}) -> {}", descriptor, result);
  if (result > 0) {
    lease(slot, *socket);
    into = io::BufferLease(&buffers_, slot, static_cast<std::uint32_t>(result));
    socket->seen.hold(1, kernel_.now());
    socket->seen.said_at.push_back(kernel_.now());
  } else {
    buffers_.give_back(slot);
  }
  socket->seen.read_answered(result, kernel_.now());
  return result;
}

io::BufferLease RingCore::take_buffer() {
  notice_returned_buffers();
  const std::uint32_t slot = buffers_.take_reserved();
  if (slot == io::BufferPool::none) return {};
  buffer_uses_[slot] = {.generation = buffer_uses_[slot].generation + 1, .use = Use::leased};
  ++leased_;
  return {&buffers_, slot, buffers_.buffer_size()};
}

// The bytes are read only now, as late as the kernel may.
void RingCore::attempt_send(Operation& operation) {
  std::uint64_t generation = 0;
  if (!holds(operation.bytes, generation) || generation != operation.lease_generation) {
    kernel_.fail(fmt::format("the bytes of a send on descriptor {} were released before it completed",
                             operation.descriptor));
    return;
  }
  if (!std::equal(operation.bytes.begin(), operation.bytes.end(), operation.bytes_then.begin()))
    kernel_.fail(fmt::format("the bytes of a send on descriptor {} changed", operation.descriptor));
  auto& socket = static_cast<Socket&>(*operation.file);
  const std::int64_t result =
      kernel_.send(socket, operation.bytes.first(kernel_.perhaps_short(operation.bytes.size())));
  if (result != -EAGAIN) post(operation, result);
}

bool RingCore::is_ready(const Operation& operation) {
  switch (operation.readiness) {
    case io::Readiness::readable:
      return operation.file->readable();
    case io::Readiness::writable:
      return operation.file->writable();
    case io::Readiness::ended:
      break;
  }
  const auto& socket = static_cast<const Socket&>(*operation.file);
  return socket.broken || socket.shut_receive || socket.end_arrived();
}

void RingCore::attempt_poll(Operation& operation) {
  const bool listens = dynamic_cast<Listener*>(operation.file) != nullptr;
  const Weather& weather = kernel_.weather();
  const bool spurious =
      kernel_.random().chance(listens ? weather.spurious_listener_poll : weather.spurious_poll);
  if (spurious || is_ready(operation)) post(operation, 1);
}

void RingCore::post(Operation& operation, std::int64_t result, bool more, std::uint32_t slot) {
  kernel_.trace("{}({}) -> {}{}", name_of(operation.kind), operation.descriptor, result,
                more ? ", more" : "");
  posted_.push_back(
      {.operation = &operation, .result = static_cast<std::int32_t>(result), .slot = slot, .more = more});
  ++kernel_.attention;
  if (more) return;
  operation.done = true;
  std::erase(operation.file->waiting, &operation);
}

}  // namespace corelane::sim
