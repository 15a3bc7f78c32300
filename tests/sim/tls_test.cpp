// SPDX-License-Identifier: Apache-2.0
// Connections with TLS over the simulated kernel: what clients say inside comes through whatever the kernel
// does, in order and to its end; and whenever it is cut, nothing is left behind.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "proxy/lane.hpp"
#include "sim/tls_bench.hpp"

using namespace corelane;
using namespace corelane::sim;

namespace {

std::string pattern(std::uint32_t number, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>((i * 31 + number * 17) >> (i % 3));
  return text;
}

/// A client that says something, gets it back, and closes when it has all of it.
class TlsClient final : public TlsTalker {
 public:
  TlsClient(Kernel& kernel, const Pace& pace, Random random, const tls::ClientContext& context,
            std::string text)
      : TlsTalker(kernel, pace, random), text_(std::move(text)) {
    REQUIRE(connection_.open(context, {.server_name = "a.example"}, 0));
    step();
  }

  bool done() const noexcept { return done_; }
  void cut(bool by_reset) { leave(by_reset); }

 private:
  void step() override {
    if (!connection_.is_ready()) {
      if (!ready()) return;
      say_inside(std::as_bytes(std::span(text_)));
    }
    hear_inside([this](std::string_view said) { got_ += said; });
    if (done_ || got_.size() < text_.size()) return;
    if (got_ != text_) kernel().fail("a client got other bytes than it said");
    done_ = true;
    with_io([this](tls::Io& io) { return connection_.close(io); });
    end();
  }

  std::string text_;
  std::string got_;
  bool done_ = false;
};

/// A client without TLS that does the same.
class PlainClient final : public Talker {
 public:
  PlainClient(Kernel& kernel, const Pace& pace, Random random, std::string text)
      : Talker(kernel, pace, random), text_(std::move(text)) {
    say(text_);
  }

  bool done() const noexcept { return done_; }
  void cut(bool by_reset) { leave(by_reset); }

 private:
  void heard(std::string_view bytes) override {
    got_ += bytes;
    if (done_ || got_.size() < text_.size()) return;
    if (got_ != text_) kernel().fail("a client got other bytes than it said");
    done_ = true;
    end();
  }
  void heard_end() override { end(); }
  void heard_break() override {}
  void said_all() override {}

  std::string text_;
  std::string got_;
  bool done_ = false;
};

/// A server with TLS that says what it hears, and sometimes breaks off.
class TlsEcho final : public TlsTalker {
 public:
  TlsEcho(Kernel& kernel, const Pace& pace, Random random, const tls::ServerContext& context, bool cuts)
      : TlsTalker(kernel, pace, random) {
    REQUIRE(connection_.open(context, 0));
    if (cuts && this->random().chance(300)) {
      const bool by_reset = this->random().chance(500);
      kernel.schedule(this->random().between(0, 200'000), [this, by_reset] {
        if (attached() && !closed()) leave(by_reset);
      });
    }
  }

 private:
  void step() override {
    if (!ready()) return;
    bool can_say = true;
    const tls::Step step = hear_inside(
        [&](std::string_view said) { can_say = can_say && say_inside(std::as_bytes(std::span(said))); });
    if (!can_say) return;
    if (step != tls::Step::closed) return;
    with_io([this](tls::Io& io) { return connection_.close(io); });
    end();
  }
};

/// A server that says what it hears.
class Echo final : public Talker {
 public:
  using Talker::Talker;

 private:
  void heard(std::string_view bytes) override { say(bytes); }
  void heard_end() override { end(); }
  void heard_break() override {}
  void said_all() override {}
};

/// `context` null: without TLS.
class EchoHost final : public Target {
 public:
  EchoHost(Kernel& kernel, const Pace& pace, const tls::ServerContext* context, bool cuts)
      : kernel_(kernel), pace_(pace), context_(context), cuts_(cuts) {}
  Answer on_connect() override { return {}; }
  void on_established(Socket& server_end) override {
    const Random random = kernel_.random().split();
    if (context_ != nullptr) {
      tls_servers_.emplace_back(kernel_, pace_, random, *context_, cuts_).attach(server_end);
    } else {
      servers_.emplace_back(kernel_, pace_, random).attach(server_end);
    }
  }
  void on_gone() override {}

 private:
  Kernel& kernel_;
  Pace pace_;
  const tls::ServerContext* context_;
  bool cuts_;
  std::deque<Echo> servers_;
  std::deque<TlsEcho> tls_servers_;
};

/// Where there is TLS.
struct Sides {
  bool clients = true;
  bool server = false;
};

config::Model model_with_tls(const Sides& sides) {
  config::Model model;
  config::Frontend& frontend = model.frontends.emplace_back();
  frontend.name = "f";
  frontend.bind.emplace_back();
  if (sides.clients) frontend.bind.back().tls.emplace();
  frontend.default_backend = 0;
  frontend.log_format = "json";
  frontend.log.emplace_back().kind = config::LogTarget::Kind::none;
  config::Backend& backend = model.backends.emplace_back();
  backend.name = "b";
  backend.servers.emplace_back().name = "s";
  if (sides.server) backend.servers.back().tls.emplace().verify_host = "a.example";
  backend.timeouts.connect_ms = 10'000;
  return model;
}

/// A lane with TLS, a server that says what it hears, and clients.
struct TlsBench {
  TlsBench(std::uint64_t seed, bool cuts, const Sides& sides_in)
      : sides(sides_in),
        random(seed),
        weather(rough(random)),
        kernel(seed, weather, [seed](const std::string& what) { FAIL(what << " (seed " << seed << ")"); }),
        listener(kernel.make_listener(*base::endpoint_from_ip("10.0.0.1", 443), 1000)),
        address(io::SocketAddress::from_endpoint(*base::endpoint_from_ip("10.1.0.1", 80))),
        serving(server_context()),
        host(kernel, Pace{}, sides.server ? serving.get() : nullptr, cuts),
        topology(model_with_tls(sides), {{address}}),
        shared(topology, clients_max, 1),
        trusting(client_context()) {
    kernel.serve(address, host);
    if (sides.clients) shared.tls_binds.emplace_back().emplace_back().push_back(server_context());
    if (sides.server) {
      proxy::TlsServers& servers = shared.tls_servers.emplace_back();
      servers.contexts.push_back(client_context());
      servers.of_server = {{1}};
    }
    start_lane(lane, shared, lane_options(random, {100U, 1000U, 16'384U}, clients_max), kernel, listener);
    for (unsigned times = 0; times < 4; ++times)
      kernel.schedule(random.between(0, 100'000), [this] { replace(); });
    for (std::uint32_t number = 0; number < clients_max; ++number)
      sides.clients ? add_client(number, cuts) : add_plain_client(number, cuts);
  }

  std::string text_of(std::uint32_t number) {
    return pattern(number, random.pick({std::size_t{1}, std::size_t{900}, std::size_t{40'000}}));
  }
  Pace pace_of_client() {
    return {.write_max = random.pick({std::size_t{1} << 4, std::size_t{1} << 14}), .read_max = 512};
  }

  /// Other contexts take the places of the bind's and the server's, while clients are in the middle of
  /// anything.
  void replace() {
    proxy::TlsContexts next;
    if (sides.clients) next.binds.emplace_back().push_back(server_context());
    if (sides.server) next.servers.push_back(client_context());
    shared.tls_replacements[0].give(std::move(next));
    if (random.chance(500)) lane->post({.kind = proxy::LaneMessage::Kind::tls_replaced}, nullptr);
  }

  void add_client(std::uint32_t number, bool cuts) {
    const std::string text = text_of(number);
    begin(clients.emplace_back(kernel, pace_of_client(), random.split(), *trusting, text), number, cuts);
  }
  void add_plain_client(std::uint32_t number, bool cuts) {
    const std::string text = text_of(number);
    begin(plain_clients.emplace_back(kernel, pace_of_client(), random.split(), text), number, cuts);
  }

  template <class Client>
  void begin(Client& client, std::uint32_t number, bool cuts) {
    kernel.schedule(random.between(0, 20'000), [this, number, &client] {
      client.attach(*kernel.connect_to_listener(
          listener, *base::endpoint_from_ip("10.2.0.1", static_cast<std::uint16_t>(20'000 + number))));
    });
    const bool by_reset = random.chance(500);
    if (cuts && random.chance(500))
      kernel.schedule(random.between(20'000, 300'000), [&client, by_reset] { client.cut(by_reset); });
  }

  bool over() const { return all_gone(clients) && all_gone(plain_clients); }
  bool all_done() const {
    const auto done = [](const auto& client) { return client.done(); };
    return std::ranges::all_of(clients, done) && std::ranges::all_of(plain_clients, done);
  }

  void run(bool stops) {
    run_lane(*lane, kernel, stops ? std::optional(stop_at) : std::nullopt, [this] { return over(); });
    end_lane(lane, kernel);
  }

  static constexpr std::uint32_t clients_max = 12;
  const Sides sides;
  Random random;
  Weather weather;
  Kernel kernel;
  sim::Listener& listener;
  io::SocketAddress address;
  std::unique_ptr<tls::ServerContext> serving;
  EchoHost host;
  proxy::Topology topology;
  proxy::LaneShared shared;
  std::unique_ptr<tls::ClientContext> trusting;
  std::optional<proxy::Lane> lane;
  std::deque<TlsClient> clients;
  std::deque<PlainClient> plain_clients;
  TimeUs stop_at = kernel.now() + random.between(100'000, 2'000'000);
};

}  // namespace

namespace {
constexpr Sides all_sides[] = {{true, false}, {false, true}, {true, true}};
}  // namespace

TEST_CASE("what is said within TLS comes through, whatever the kernel does") {
  for (const Sides& sides : all_sides) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      INFO("seed ", seed, " clients ", sides.clients, " server ", sides.server);
      TlsBench bench(seed, false, sides);
      bench.run(false);
      CHECK(bench.all_done());
    }
  }
}

TEST_CASE("nothing is left of TLS connections that were cut off, or whose lane was stopped") {
  for (const Sides& sides : all_sides) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      INFO("seed ", seed, " clients ", sides.clients, " server ", sides.server);
      TlsBench bench(seed, true, sides);
      bench.run(true);
    }
  }
}
