// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "io/ring.hpp"

using namespace corelane;
using sim::Kernel;
using sim::Listener;
using sim::Socket;
using sim::Weather;

namespace {

Weather calm() {
  Weather weather;
  weather.short_io = weather.spurious_poll = weather.no_buffer = weather.multishot_ends = 0;
  weather.cancel_races = weather.splice_again = weather.dispatch_partial = weather.early_submit = 0;
  weather.socket_buffer_min = weather.socket_buffer_max = 1000;
  return weather;
}

/// An operation, and what became of it.
struct Probe : io::OpOwner {
  io::Op op{&Probe::on_completion, this};
  std::vector<std::int32_t> results;
  io::BufferLease lease;

  static void on_completion(io::Op& op, io::Completion& completion) {
    auto& probe = op.as<Probe>();
    probe.results.push_back(completion.result);
    probe.lease = std::move(completion.lease);
  }
};

struct Bench {
  explicit Bench(std::uint64_t seed = 1, const Weather& weather = calm())
      : kernel(seed, weather, [this](const std::string& what) { failures.push_back(what); }) {
    io::RingOptions options;
    options.buffer_size = 100;
    options.buffers_max = 4;
    options.buffers_offered_min = options.buffers_offered_max = 2;
    std::string failure;
    ring = io::Ring::create(options, failure);
  }

  /// A connection: the program's descriptor, and the other end.
  io::Descriptor connect(Socket*& other) {
    Listener& listener = kernel.make_listener(*base::endpoint_from_ip("10.0.0.1", 80), 10);
    other = kernel.connect_to_listener(listener, *base::endpoint_from_ip("10.0.0.2", 1000));
    return kernel.accept(listener);
  }

  void turn() {
    ring->submit_and_wait(10'000);
    ring->dispatch(100);
  }

  bool failed_with(std::string_view part) const {
    return std::any_of(failures.begin(), failures.end(),
                       [&](const std::string& failure) { return failure.find(part) != std::string::npos; });
  }

  std::vector<std::string> failures;
  Kernel kernel;
  std::unique_ptr<io::Ring> ring;
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void let_events_run(Kernel& kernel) {
  while (kernel.next_event() != base::time_never) kernel.run_next_event();
}

}  // namespace

TEST_CASE("bytes arrive in order, then the end") {
  Bench bench;
  Socket* other = nullptr;
  const io::Descriptor here = bench.connect(other);
  Probe probe;
  bench.kernel.send(*other, bytes_of("hello"));
  bench.kernel.shutdown_send(*other);
  let_events_run(bench.kernel);
  bench.ring->receive(probe.op, here, 1000);
  bench.turn();
  REQUIRE(probe.results == std::vector<std::int32_t>{5});
  CHECK(text_of(probe.lease.bytes()) == "hello");
  bench.ring->receive(probe.op, here, 1000);
  bench.turn();
  CHECK(probe.results.back() == 0);
  probe.lease = {};
  bench.ring->close(here);
  bench.turn();
  CHECK(bench.kernel.descriptors_open() == 0);
  CHECK(bench.failures.empty());
}

TEST_CASE("after a reset what had arrived is read, then the error, once") {
  Bench bench;
  Socket* other = nullptr;
  bench.connect(other);
  Socket& here = *other->other;
  bench.kernel.send(*other, bytes_of("last words"));
  let_events_run(bench.kernel);
  bench.kernel.reset(*other);
  let_events_run(bench.kernel);
  std::array<std::byte, 100> room{};
  CHECK(bench.kernel.receive(here, room) == 10);
  CHECK(bench.kernel.receive(here, room) == -ECONNRESET);
  CHECK(bench.kernel.receive(here, room) == 0);
  CHECK(bench.kernel.send(here, bytes_of("x")) == -EPIPE);
}

TEST_CASE("a close with unread bytes is a reset, one without is an end") {
  for (const bool unread : {false, true}) {
    CAPTURE(unread);
    Bench bench;
    Socket* other = nullptr;
    const io::Descriptor here = bench.connect(other);
    if (unread) bench.kernel.send(*other, bytes_of("x"));
    let_events_run(bench.kernel);
    bench.ring->close(here);
    bench.turn();
    let_events_run(bench.kernel);
    std::array<std::byte, 1> room{};
    CHECK(bench.kernel.receive(*other, room) == (unread ? -ECONNRESET : 0));
  }
}

TEST_CASE("a sender waits while the other end does not read") {
  Bench bench;
  Socket* other = nullptr;
  const io::Descriptor here = bench.connect(other);
  const std::vector<std::byte> much(1500);
  Probe probe;
  std::size_t sent = 0;
  while (probe.ops_in_flight == 0 && sent < 10'000) {
    bench.ring->send(probe.op, here, much);
    bench.turn();
    if (probe.ops_in_flight == 0) sent += static_cast<std::size_t>(probe.results.back());
  }
  CHECK(sent == 2000);  // both ends' buffers
  std::vector<std::byte> room(100);
  CHECK(bench.kernel.receive(*other, room) == 100);
  bench.turn();
  CHECK(probe.results.back() == 100);
}

TEST_CASE("time jumps to the deadline when nothing happens") {
  Bench bench;
  const base::TimeUs began = bench.ring->now();
  bench.ring->submit_and_wait(5'000'000);
  CHECK(bench.ring->now() - began >= 5'000'000);
  CHECK(bench.ring->now() - began < 5'100'000);
}

TEST_CASE("receives end without a buffer when all are leased, and released buffers are overwritten") {
  Bench bench;
  Socket* other = nullptr;
  const io::Descriptor here = bench.connect(other);
  std::array<Probe, 4> probes;
  for (Probe& probe : probes) {
    bench.kernel.send(*other, bytes_of("abc"));
    let_events_run(bench.kernel);
    bench.ring->receive(probe.op, here, 100);
    bench.turn();
    REQUIRE(probe.results.back() == 3);
  }
  CHECK(bench.ring->buffers_receivable() == 0);
  Probe starved;
  bench.ring->receive(starved.op, here, 100);
  bench.turn();
  CHECK(starved.results.back() == -ENOBUFS);
  const std::span<std::byte> stale = probes[0].lease.bytes();
  for (Probe& probe : probes) probe.lease = {};
  bench.turn();
  CHECK(text_of(stale) != "abc");
  CHECK(bench.ring->buffers_receivable() == 4);
}

TEST_CASE("a cancelled operation answers that it was, or wins") {
  for (const bool wins : {false, true}) {
    CAPTURE(wins);
    Weather weather = calm();
    weather.cancel_races = wins ? 2000 : 0;
    Bench bench(1, weather);
    Listener& listener = bench.kernel.make_listener(*base::endpoint_from_ip("10.0.0.1", 80), 10);
    const io::Descriptor descriptor = bench.kernel.open(listener);
    Probe probe;
    bench.ring->accept(probe.op, descriptor, false);
    bench.turn();
    CHECK(probe.results.empty());
    bench.ring->cancel(probe.op);
    bench.kernel.connect_to_listener(listener, *base::endpoint_from_ip("10.0.0.2", 1000));
    bench.turn();
    REQUIRE(probe.results.size() == 1);
    CHECK((probe.results[0] >= 0 || probe.results[0] == -ECANCELED));
    if (wins) CHECK(probe.results[0] >= 0);
    CHECK(probe.ops_in_flight == 0);
  }
}

TEST_CASE("splicing moves bytes through a pipe") {
  Bench bench;
  Socket *left = nullptr, *right = nullptr;
  const io::Descriptor source = bench.connect(left);
  const io::Descriptor sink = bench.connect(right);
  io::Pipe pipe;
  REQUIRE(io::pipe_open(pipe, 64) == 0);
  CHECK(io::splice_socket_to_pipe(source, pipe, 1000) == -EAGAIN);
  bench.kernel.send(*left, bytes_of("through a pipe"));
  let_events_run(bench.kernel);
  CHECK(io::splice_socket_to_pipe(source, pipe, 1000) == 14);
  CHECK(io::splice_pipe_to_socket(pipe, sink, 14, false) == 14);
  let_events_run(bench.kernel);
  std::array<std::byte, 100> room{};
  REQUIRE(bench.kernel.receive(*right, room) == 14);
  CHECK(text_of(std::span(room).first(14)) == "through a pipe");
  io::pipe_close(pipe);
  CHECK(bench.kernel.descriptors_open() == 2);
}

TEST_CASE("what a program must not do is noticed") {
  Bench bench;
  Socket* other = nullptr;
  const io::Descriptor here = bench.connect(other);
  Probe first, second;

  SUBCASE("close under an operation") {
    bench.ring->receive(first.op, here, 100);
    bench.ring->close(here);
    CHECK(bench.failed_with("operations in flight"));
  }
  SUBCASE("double close") {
    bench.ring->close(here);
    bench.ring->close(here);
    CHECK(bench.failed_with("after it was closed"));
  }
  SUBCASE("use after close") {
    bench.ring->close(here);
    bench.turn();
    (void)io::socket_shutdown_send(here);
    CHECK(bench.failed_with("not open"));
  }
  SUBCASE("two sends at once") {
    bench.ring->send(first.op, here, bytes_of("one"));
    bench.ring->send(second.op, here, bytes_of("two"));
    CHECK(bench.failed_with("two sends"));
  }
  SUBCASE("two receives at once") {
    bench.ring->receive(first.op, here, 100);
    bench.ring->receive(second.op, here, 100);
    CHECK(bench.failed_with("two receives"));
  }
  SUBCASE("a buffer released under its send") {
    bench.kernel.send(*other, bytes_of("abc"));
    let_events_run(bench.kernel);
    bench.ring->receive(first.op, here, 100);
    bench.turn();
    bench.ring->send(second.op, here, first.lease.bytes());
    first.lease = {};
    bench.turn();
    CHECK(bench.failed_with("released before it completed"));
  }
  SUBCASE("operations left when the ring goes") {
    bench.ring->receive(first.op, here, 100);
    bench.ring.reset();
    CHECK(bench.failed_with("operations in flight"));
  }
  SUBCASE("spinning") {
    for (int i = 0; i < 1000; ++i) bench.ring->submit_and_wait(0);
    CHECK(bench.failed_with("spins"));
  }
  first.op.in_flight = second.op.in_flight = false;
  first.ops_in_flight = second.ops_in_flight = 0;
}

TEST_CASE("a seed repeats itself") {
  const auto play = [](std::uint64_t seed) {
    Weather weather;
    weather.multishot_capped = true;
    Bench bench(seed, weather);
    Socket* other = nullptr;
    const io::Descriptor here = bench.connect(other);
    Probe probe;
    std::vector<std::int64_t> story;
    for (int i = 0; i < 20; ++i) {
      bench.kernel.send(*other, bytes_of("some bytes that are received in parts of random size"));
      if (!probe.op.in_flight) bench.ring->receive(probe.op, here, 200);
      bench.turn();
      story.push_back(bench.ring->now());
      story.insert(story.end(), probe.results.begin(), probe.results.end());
    }
    probe.op.in_flight = false;
    probe.ops_in_flight = 0;
    probe.lease = {};
    return story;
  };
  CHECK(play(7) == play(7));
  CHECK(play(7) != play(8));
}
