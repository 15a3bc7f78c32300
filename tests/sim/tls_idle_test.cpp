// SPDX-License-Identifier: Apache-2.0
// Idle connections with TLS to servers over the simulated kernel: a server may end one, break it or say
// something on it at any step, and contexts may be replaced meanwhile. No client loses a request for it, none
// gets what was not said to it, and nothing is left behind.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "proxy/lane.hpp"
#include "sim/tls_bench.hpp"

using namespace corelane;
using namespace corelane::sim;

namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view unasked =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// How a server ends a connection on which it was asked nothing for a while.
enum class Parting : std::uint8_t {
  none,
  politely,         // close_notify and FIN
  notify_alone,     // close_notify, and the connection stays
  rudely,           // FIN alone
  unasked_record,   // it says something, and keeps the connection
  unasked_and_end,  // it says something, and ends the connection
  reset,
};
constexpr Parting partings[] = {Parting::none,   Parting::politely,       Parting::notify_alone,
                                Parting::rudely, Parting::unasked_record, Parting::unasked_and_end,
                                Parting::reset};

/// What one run counts.
struct Tally {
  unsigned requests = 0;  // that servers have read
  unsigned connections = 0;
  unsigned partings = 0;
};

/// Answers each request with what its head asks for: "GET /NUMBER".
class TlsWebServer final : public TlsTalker {
 public:
  TlsWebServer(Kernel& kernel, const Pace& pace, Random random, const tls::ServerContext& context,
               Parting parting, Tally& tally)
      : TlsTalker(kernel, pace, random), parting_(parting), tally_(tally) {
    REQUIRE(connection_.open(context, 0));
  }

 private:
  void step() override {
    if (!ready()) return;
    const tls::Step step = hear_inside([this](std::string_view said) { asked_ += said; });
    answer();
    if (step == tls::Step::closed) part(Parting::politely);
  }

  // One that has spoken unasked, or has said its end, answers nothing any more: nobody could tell what the
  // answer is to.
  void answer() {
    if (parted_) return;
    for (std::size_t end; (end = asked_.find(head_end)) != asked_.npos;) {
      const std::string path = asked_.substr(0, asked_.find(" HTTP/"));
      asked_.erase(0, end + head_end.size());
      ++tally_.requests;
      ++answered_;
      write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n" + path);
      if (parting_ == Parting::none) continue;
      kernel().schedule(random().between(0, 30'000), [this, at = answered_] {
        if (at == answered_ && asked_.empty() && attached() && !closed()) part(parting_);
      });
    }
  }

  void write(std::string_view text) { say_inside(std::as_bytes(std::span(text))); }

  void part(Parting how) {
    if (std::exchange(parted_, true)) return;
    ++tally_.partings;
    if (how == Parting::reset) return leave(true);
    if (how == Parting::unasked_record || how == Parting::unasked_and_end) write(unasked);
    if (how != Parting::rudely && how != Parting::unasked_record)
      with_io([this](tls::Io& io) { return connection_.close(io); });
    if (how != Parting::notify_alone && how != Parting::unasked_record) end();
  }

  const Parting parting_;
  Tally& tally_;
  std::string asked_;
  unsigned answered_ = 0;
  bool parted_ = false;
};

class WebHost final : public Target {
 public:
  WebHost(Kernel& kernel, Parting parting, Tally& tally)
      : kernel_(kernel), context_(server_context()), parting_(parting), tally_(tally) {}
  Answer on_connect() override { return {}; }
  void on_established(Socket& server_end) override {
    ++tally_.connections;
    servers_.emplace_back(kernel_, Pace{}, kernel_.random().split(), *context_, parting_, tally_)
        .attach(server_end);
  }
  void on_gone() override {}

 private:
  Kernel& kernel_;
  const std::unique_ptr<tls::ServerContext> context_;
  const Parting parting_;
  Tally& tally_;
  std::deque<TlsWebServer> servers_;
};

/// A client without TLS that makes some requests one after the other, with pauses.
class WebClient final : public Talker {
 public:
  WebClient(Kernel& kernel, Random random, unsigned number, Parting parting, TimeUs pause_max)
      : Talker(kernel, Pace{}, random), number_(number), parting_(parting), pause_max_(pause_max) {}

  void ask() { say("GET /" + asked_for() + " HTTP/1.1\r\nHost: h\r\n\r\n"); }
  bool done() const noexcept { return answered_ == requests_max; }

 private:
  static constexpr unsigned requests_max = 6;

  std::string asked_for() const { return std::to_string(number_) + "." + std::to_string(answered_); }
  /// What a server says just as it is asked cannot be told from an answer, and a reset may overtake one.
  bool excusable() const {
    if (parting_ == Parting::unasked_record || parting_ == Parting::unasked_and_end)
      return got_.starts_with("HTTP/1.1 408 ");
    return parting_ == Parting::reset && got_.starts_with("HTTP/1.1 502 ");
  }

  void heard(std::string_view bytes) override {
    got_ += bytes;
    const std::string body = "GET /" + asked_for();
    const bool right = got_.starts_with("HTTP/1.1 200 ") && got_.ends_with(std::string(head_end) + body);
    if (!right && !(excusable() && got_.find(head_end) != got_.npos)) return;
    got_.clear();
    ++answered_;
    if (!right || done()) {
      answered_ = requests_max;
      return end();
    }
    kernel().schedule(random().between(0, pause_max_), [this] {
      if (!closed()) ask();
    });
  }
  void heard_end() override { end(); }
  void heard_break() override {
    if (parting_ == Parting::reset) answered_ = requests_max;  // it had a part of the answer
  }
  void said_all() override {}

  const unsigned number_;
  const Parting parting_;
  const TimeUs pause_max_;
  std::string got_;
  unsigned answered_ = 0;
};

config::Model model() {
  config::Model model;
  model.global.tune.http = {
      .head_bytes = 4096, .fields = 100, .uri_bytes = 4096, .chunk_line_bytes = 100, .trailer_bytes = 1000};
  config::Frontend& frontend = model.frontends.emplace_back();
  frontend.name = "f";
  frontend.mode = config::Mode::http;
  frontend.bind.emplace_back();
  frontend.default_backend = 0;
  frontend.log_format = "json";
  frontend.log.emplace_back().kind = config::LogTarget::Kind::none;
  config::Backend& backend = model.backends.emplace_back();
  backend.name = "b";
  backend.mode = config::Mode::http;
  backend.http.http_reuse = config::HttpReuse::always;
  backend.retries = 3;
  config::Server& server = backend.servers.emplace_back();
  server.name = "s";
  server.tls.emplace().verify_host = "a.example";
  server.pool_purge_delay_ms = 50;
  backend.timeouts.connect_ms = 10'000;
  return model;
}

/// A lane between clients without TLS and a server with it.
struct IdleBench {
  IdleBench(std::uint64_t seed, Parting parting_in)
      : random(seed),
        parting(parting_in),
        kernel(seed, rough(random),
               [seed](const std::string& what) { FAIL(what << " (seed " << seed << ")"); }),
        listener(kernel.make_listener(*base::endpoint_from_ip("10.0.0.1", 80), 1000)),
        address(io::SocketAddress::from_endpoint(*base::endpoint_from_ip("10.1.0.1", 443))),
        host(kernel, parting, tally),
        topology(model(), {{address}}),
        shared(topology, clients_max, 1) {
    kernel.serve(address, host);
    proxy::TlsServers& servers = shared.tls_servers.emplace_back();
    servers.contexts.push_back(client_context());
    servers.of_server = {{1}};
    start_lane(lane, shared, lane_options(random, {300U, 1000U, 16'384U}, clients_max), kernel, listener);
    for (unsigned times = random.pick({0U, 3U}); times > 0; --times)
      kernel.schedule(random.between(0, 150'000), [this] { replace(); });
    for (unsigned number = 0; number < clients_max; ++number) add_client(number);
  }

  void add_client(unsigned number) {
    WebClient& client = clients.emplace_back(kernel, random.split(), number, parting, 40'000);
    kernel.schedule(random.between(0, 20'000), [this, number, &client] {
      client.attach(*kernel.connect_to_listener(
          listener, *base::endpoint_from_ip("10.2.0.1", static_cast<std::uint16_t>(20'000 + number))));
      client.ask();
    });
  }

  void replace() {
    proxy::TlsContexts next;
    next.servers.push_back(client_context());
    shared.tls_replacements[0].give(std::move(next));
    if (random.chance(500)) lane->post({.kind = proxy::LaneMessage::Kind::tls_replaced}, nullptr);
  }

  bool over() const { return all_gone(clients); }

  void run(bool stops) {
    const TimeUs stop_at = kernel.now() + random.between(20'000, 300'000);
    run_lane(*lane, kernel, stops ? std::optional(stop_at) : std::nullopt, [this] { return over(); });
    end_lane(lane, kernel);
  }

  static constexpr std::uint32_t clients_max = 8;
  Random random;
  const Parting parting;
  Tally tally;
  Kernel kernel;
  sim::Listener& listener;
  io::SocketAddress address;
  WebHost host;
  proxy::Topology topology;
  proxy::LaneShared shared;
  std::optional<proxy::Lane> lane;
  std::deque<WebClient> clients;
};

}  // namespace

TEST_CASE("servers may part with idle TLS connections at any step, and no request is lost for it") {
  for (const Parting parting : partings) {
    Tally all;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      INFO("seed ", seed, " parting ", static_cast<int>(parting));
      IdleBench bench(seed, parting);
      bench.run(false);
      CHECK(std::ranges::all_of(bench.clients, [](const WebClient& client) { return client.done(); }));
      all.requests += bench.tally.requests;
      all.connections += bench.tally.connections;
      all.partings += bench.tally.partings;
    }
    // The test is about something: connections were used again, and servers did part.
    CHECK(all.requests > all.connections);
    if (parting != Parting::none) CHECK(all.partings > 40);
  }
}

TEST_CASE("nothing is left of idle TLS connections whose lane is stopped") {
  for (const Parting parting : partings) {
    for (std::uint64_t seed = 100; seed <= 120; ++seed) {
      INFO("seed ", seed, " parting ", static_cast<int>(parting));
      IdleBench bench(seed, parting);
      bench.run(true);
    }
  }
}
