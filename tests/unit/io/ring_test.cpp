// SPDX-License-Identifier: Apache-2.0
// The ring over the real kernel: the few things that only it can show. Whole connections run over the
// simulated kernel.
#include "io/ring.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

using namespace corelane;

namespace {

struct Recorder : io::OpOwner {
  std::vector<std::int32_t> results;
  std::string bytes;
  bool more = false;
  io::Op op{&Recorder::record, this};

  static void record(io::Op& op, io::Completion& completion) {
    auto& self = op.as<Recorder>();
    self.results.push_back(completion.result);
    self.more = completion.more;
    if (completion.lease) {
      self.bytes.append(reinterpret_cast<const char*>(completion.lease.bytes().data()),
                        completion.lease.size());
    }
  }
};

struct Pair {
  int ends[2];
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0); }
  ~Pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
};

std::unique_ptr<io::Ring> make_ring(io::RingOptions options = {}) {
  std::string failure;
  auto ring = io::Ring::create(options, failure);
  REQUIRE_MESSAGE(ring != nullptr, failure);
  return ring;
}

/// Turns until nothing is in flight; a test that hangs here is ended by the runner's time limit.
void turn_until_idle(io::Ring& ring, const io::OpOwner& owner) {
  while (owner.ops_in_flight > 0) {
    ring.submit_and_wait(base::time_never);
    ring.dispatch(64);
  }
}

}  // namespace

TEST_CASE("a receive on a non-blocking socket waits for bytes and ends at the cap") {
  auto ring = make_ring();
  Pair pair;
  Recorder received;
  ring->receive(received.op, pair.ends[0], 4);
  ring->submit_and_wait(0);
  CHECK(ring->dispatch(64) == 0);
  CHECK(::send(pair.ends[1], "hello", 5, 0) == 5);
  turn_until_idle(*ring, received);
  CHECK(received.bytes == "hello");
  CHECK_FALSE(received.more);
  CHECK(ring->buffers_receivable() == ring->buffers().capacity());
}

TEST_CASE("receiving with every buffer leased answers ENOBUFS and goes on when one returns") {
  auto ring =
      make_ring({.buffer_size = 4096, .buffers_max = 1, .buffers_offered_min = 1, .buffers_offered_max = 1});
  Pair pair;
  const std::uint32_t taken = ring->buffers().take();
  // The only buffer may be on offer already; then it is used up first.
  Recorder received;
  CHECK(::send(pair.ends[1], "x", 1, 0) == 1);
  ring->receive(received.op, pair.ends[0], 1);
  if (taken == io::BufferPool::none) {
    turn_until_idle(*ring, received);
    CHECK(received.bytes == "x");
    CHECK(ring->buffers_receivable() == 1);
    return;
  }
  turn_until_idle(*ring, received);
  CHECK(received.results.back() == -ENOBUFS);
  ring->buffers().give_back(taken);
  ring->receive(received.op, pair.ends[0], 1);
  turn_until_idle(*ring, received);
  CHECK(received.bytes == "x");
}

TEST_CASE("with every buffer taken the reserve receives at once or says why not") {
  auto ring = make_ring({.buffer_size = 4096,
                         .buffers_max = 1,
                         .buffers_reserved = 1,
                         .buffers_offered_min = 1,
                         .buffers_offered_max = 1});
  Pair pair;
  io::BufferLease lease;
  CHECK(ring->receive_reserved(pair.ends[0], lease) == -EAGAIN);
  CHECK(::send(pair.ends[1], "hello", 5, 0) == 5);
  CHECK(ring->receive_reserved(pair.ends[0], lease) == 5);
  CHECK(std::memcmp(lease.bytes().data(), "hello", 5) == 0);
  io::BufferLease other;
  const std::uint32_t taken = ring->buffers().take_reserved();
  CHECK(ring->receive_reserved(pair.ends[0], other) == -ENOBUFS);
  if (taken != io::BufferPool::none) ring->buffers().give_back(taken);
  lease = io::BufferLease();
  CHECK(::shutdown(pair.ends[1], SHUT_WR) == 0);
  CHECK(ring->receive_reserved(pair.ends[0], other) == 0);
}

TEST_CASE("a cancelled receive comes back once, cancelled") {
  auto ring = make_ring();
  Pair pair;
  Recorder received;
  ring->receive(received.op, pair.ends[0], 4096);
  ring->submit_and_wait(0);
  ring->cancel(received.op);
  ring->cancel(received.op);
  turn_until_idle(*ring, received);
  CHECK(received.results == std::vector<std::int32_t>{-ECANCELED});
}

TEST_CASE("a queued close reaches the kernel: the peer sees the end") {
  auto ring = make_ring();
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  ring->close(ends[0]);
  Recorder received;
  ring->receive(received.op, ends[1], 4096);
  turn_until_idle(*ring, received);
  CHECK(received.results == std::vector<std::int32_t>{0});
  CHECK(::fcntl(ends[0], F_GETFD) == -1);
  ::close(ends[1]);
}

TEST_CASE("another thread's message ends an endless wait, with a ring of its own and without") {
  auto ring = make_ring();
  int wakes = 0;
  ring->on_wake([](void* owner) { ++*static_cast<int*>(owner); }, &wakes);
  for (const bool with_ring : {true, false}) {
    const int before = wakes;
    std::thread other([&] {
      if (!with_ring) return ring->wake(nullptr);
      auto own = make_ring();
      ring->wake(own.get());
      own->submit_and_wait(0);
    });
    while (wakes == before) {
      ring->submit_and_wait(base::time_never);
      ring->dispatch(64);
    }
    other.join();
    CHECK(wakes == before + 1);
  }
}

TEST_CASE("more submissions than the queue holds are handed over early, not lost") {
  auto ring = make_ring({.submission_entries = 4});
  std::vector<std::unique_ptr<Pair>> pairs;
  std::vector<std::unique_ptr<Recorder>> sent;
  const std::string text = "abc";
  for (int i = 0; i < 40; ++i) {
    pairs.push_back(std::make_unique<Pair>());
    sent.push_back(std::make_unique<Recorder>());
    ring->send(sent.back()->op, pairs.back()->ends[0], std::as_bytes(std::span(text)));
  }
  for (const auto& one : sent) turn_until_idle(*ring, *one);
  for (const auto& one : sent) CHECK(one->results == std::vector<std::int32_t>{3});
  CHECK(ring->counters().submission_queue_full > 0);
}
