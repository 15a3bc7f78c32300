// SPDX-License-Identifier: Apache-2.0
// io::Ring over the simulated kernel.
#include "io/ring.hpp"
#include "sim/ring_core.hpp"

namespace corelane::io {

struct Ring::State : sim::RingCore {
  using sim::RingCore::RingCore;
};

Ring::Ring(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ring::~Ring() = default;

std::unique_ptr<Ring> Ring::create(const RingOptions& options, std::string&) {
  return std::unique_ptr<Ring>(new Ring(std::make_unique<State>(options)));
}

void Ring::accept(Op& op, Descriptor listener, bool multishot) {
  state_->accept(op, listener, multishot);
}

void Ring::connect(Op& op, Descriptor socket, const SocketAddress& address) {
  state_->connect(op, socket, address);
}

void Ring::receive(Op& op, Descriptor socket, std::uint32_t bytes_cap) {
  state_->receive(op, socket, bytes_cap);
}

std::int32_t Ring::receive_reserved(Descriptor socket, BufferLease& lease) {
  return state_->receive_reserved(socket, lease);
}

BufferLease Ring::take_buffer() {
  return state_->take_buffer();
}

void Ring::send(Op& op, Descriptor socket, std::span<const std::byte> bytes) {
  state_->send(op, socket, bytes);
}

void Ring::poll(Op& op, Descriptor descriptor, Readiness readiness) {
  state_->poll(op, descriptor, readiness);
}

void Ring::cancel(Op& op) {
  state_->cancel(op);
}

void Ring::close(Descriptor descriptor) {
  state_->close(descriptor);
}

void Ring::on_ahead(void (*)(const Op&, bool)) {}

void Ring::on_wake(void (*handler)(void*), void* owner) {
  state_->on_wake(handler, owner);
}

void Ring::wake(Ring*) {
  state_->wake();
}

void Ring::submit_and_wait(base::TimeUs wait_us) {
  state_->submit_and_wait(wait_us);
}

unsigned Ring::dispatch(unsigned completions_max) {
  return state_->dispatch(completions_max);
}

base::TimeUs Ring::now() const {
  return state_->now();
}

BufferPool& Ring::buffers() {
  return state_->buffers();
}

std::uint32_t Ring::buffers_receivable() const {
  return state_->buffers_receivable();
}

const RingCounters& Ring::counters() const {
  return state_->counters();
}

const RingFeatures& Ring::features() const {
  return state_->features();
}

}  // namespace corelane::io
