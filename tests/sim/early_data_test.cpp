// SPDX-License-Identifier: Apache-2.0
// Requests that come before the handshake is over, in pieces, with the handshake finished sooner or later or
// never: servers get those that may be repeated, and are told; others are answered 425 or wait for the end of
// the handshake. Whatever the kernel does in between, nothing is left behind.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/lane.hpp"
#include "sim/kernel.hpp"
#include "sim/tls_bench.hpp"
#include "tls/peer_facts.hpp"

using namespace corelane;
using namespace corelane::sim;

namespace {

constexpr std::size_t scratch_bytes = 16 * 1024;
constexpr std::string_view early_field = "\r\nearly-data: 1\r\n";
constexpr std::string_view post_body = "0123456789";

/// What a client has of a connection before.
tls::Session session_of(const tls::ServerContext& for_server, const tls::ClientContext& for_client) {
  tls::Connection server, client;
  tls::set_time(tls_test_time);
  REQUIRE(server.open(for_server, 0));
  REQUIRE(client.open(for_client, {.server_name = "a.example"}, 0));
  std::string to_server, to_client;
  std::vector<std::byte> memory(scratch_bytes);
  const auto exchange = [&memory](std::string& in, std::string& out, auto call) {
    tls::Io io{std::as_writable_bytes(std::span(in)), memory};
    call(io);
    in.erase(0, in.size() - io.in.size());
    out.append(reinterpret_cast<const char*>(memory.data()), memory.size() - io.out.size());
  };
  for (int round = 0; round < 3; ++round) {
    exchange(to_client, to_server, [&](tls::Io& io) { client.handshake(io, 0); });
    exchange(to_server, to_client, [&](tls::Io& io) { server.handshake(io, 0); });
  }
  REQUIRE(server.is_ready());
  // Tickets come with the first that the server says.
  std::vector<std::byte> heard(scratch_bytes);
  exchange(to_server, to_client, [&](tls::Io& io) {
    auto word = std::as_bytes(std::span("x", 1));
    server.write(io, word, 0);
  });
  exchange(to_client, to_server, [&](tls::Io& io) {
    std::span<std::byte> plain(heard);
    client.read(io, plain);
  });
  return client.take_session();
}

struct Request {
  bool safe = true;
  std::string text;
  std::size_t early = 0;  // so many bytes of it are said before the handshake is over
  std::size_t head = 0;
};

/// A client that comes back, and says the beginning of a request with its first message.
class EarlyClient final : public TlsTalker {
 public:
  EarlyClient(Kernel& kernel, const Pace& pace, Random random, const tls::ClientContext& context,
              const tls::Session& session, Request request)
      : TlsTalker(kernel, pace, random), request_(std::move(request)) {
    REQUIRE(connection_.open(context, {.server_name = "a.example", .session = &session}, 0));
    SSL_set_early_data_enabled(connection_.native(), 1);
    with_io([this](tls::Io& io) { return connection_.handshake(io, 0); });
    REQUIRE(connection_.is_ready());
    say_part(0, request_.early);
  }

  const Request& request() const noexcept { return request_; }
  bool is_finished() const noexcept { return finished_; }
  int status() const noexcept { return status_; }
  void cut(bool by_reset) { leave(by_reset); }

 private:
  void say_part(std::size_t from, std::size_t until) {
    if (!say_inside(std::as_bytes(std::span(request_.text).subspan(from, until - from))))
      kernel().fail("a client cannot say its request");
  }

  void step() override {
    const tls::Step step = hear_inside([this](std::string_view said) {
      got_ += said;
      if (finished_ || SSL_in_early_data(connection_.native()) != 0) return;
      finished_ = true;
      if (SSL_early_data_accepted(connection_.native()) == 0) kernel().fail("early data was rejected");
      say_part(request_.early, request_.text.size());
    });
    if (step == tls::Step::failed) kernel().fail("a client's TLS failed");
    if (status_ == 0 && got_.find("\r\n\r\n") != std::string::npos)
      std::from_chars(got_.data() + 9, got_.data() + 12, status_);
    if (step != tls::Step::closed) return;
    with_io([this](tls::Io& io) { return connection_.close(io); });
    end();
  }

  Request request_;
  std::string got_;
  int status_ = 0;
  bool finished_ = false;
};

using Clients = std::deque<EarlyClient>;

/// A server without TLS that answers requests, and knows who has said them and when.
class Origin final : public Talker {
 public:
  Origin(Kernel& kernel, const Pace& pace, Random random, const Clients& clients)
      : Talker(kernel, pace, random), clients_(clients) {}

 private:
  void heard(std::string_view bytes) override {
    got_ += bytes;
    while (true) {
      const std::size_t end = got_.find("\r\n\r\n");
      if (end == std::string::npos) return;
      const std::size_t size = end + 4 + (got_.starts_with("POST") ? post_body.size() : 0);
      if (got_.size() < size) return;
      std::string head = got_.substr(0, end + 4);
      got_.erase(0, size);
      std::ranges::transform(head, head.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      judge(head);
      say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
    }
  }
  void judge(std::string_view head) {
    std::size_t number = 0;
    const std::size_t place = head.find('/') + 1;
    std::from_chars(head.data() + place, head.data() + head.find(' ', place), number);
    const EarlyClient& client = clients_[number];
    const bool told = head.find(early_field) != std::string_view::npos;
    if (told && !client.request().safe) kernel().fail("a request that must not be repeated came early");
    if (told && client.request().early < client.request().head)
      kernel().fail("what came later is called early");
    if (!told && !client.is_finished()) kernel().fail("an early request is not called so");
  }
  void heard_end() override { end(); }
  void heard_break() override {}
  void said_all() override {}

  const Clients& clients_;
  std::string got_;
};

class OriginHost final : public Target {
 public:
  OriginHost(Kernel& kernel, const Clients& clients) : kernel_(kernel), clients_(clients) {}
  Answer on_connect() override { return {}; }
  void on_established(Socket& server_end) override {
    servers_.emplace_back(kernel_, Pace{}, kernel_.random().split(), clients_).attach(server_end);
  }
  void on_gone() override {}

 private:
  Kernel& kernel_;
  const Clients& clients_;
  std::deque<Origin> servers_;
};

config::Model early_model() {
  config::Model model;
  model.global.tune.http = {
      .head_bytes = 16'384, .fields = 128, .uri_bytes = 8192, .chunk_line_bytes = 256, .trailer_bytes = 8192};
  config::Frontend& frontend = model.frontends.emplace_back();
  frontend.name = "f";
  frontend.mode = config::Mode::http;
  frontend.bind.emplace_back().tls.emplace().early_data = true;
  frontend.default_backend = 0;
  frontend.log_format = "json";
  frontend.log.emplace_back().kind = config::LogTarget::Kind::none;
  config::Backend& backend = model.backends.emplace_back();
  backend.name = "b";
  backend.mode = config::Mode::http;
  backend.servers.emplace_back().name = "s";
  backend.servers.back().mode = config::Mode::http;
  backend.timeouts.connect_ms = 10'000;
  return model;
}

struct EarlyBench {
  EarlyBench(std::uint64_t seed, bool cuts)
      : random(seed),
        weather(rough(random)),
        kernel(seed, weather, [seed](const std::string& what) { FAIL(what << " (seed " << seed << ")"); }),
        listener(kernel.make_listener(*base::endpoint_from_ip("10.0.0.1", 443), 1000)),
        address(io::SocketAddress::from_endpoint(*base::endpoint_from_ip("10.1.0.1", 80))),
        host(kernel, clients),
        topology(early_model(), {{address}}),
        shared(topology, clients_max, 1),
        trusting(client_context()) {
    session = session_of(*server_context(true), *trusting);
    REQUIRE(session);
    kernel.serve(address, host);
    shared.tls_binds.emplace_back().emplace_back().push_back(server_context(true));
    proxy::LaneOptions options = lane_options(random, {256U, 1000U, 16'384U}, clients_max);
    options.log_queue_records = 1024;
    options.log_text_bytes = 64 * 1024;
    start_lane(lane, shared, options, kernel, listener);
    for (std::uint32_t number = 0; number < clients_max; ++number) add_client(number, cuts);
  }

  Request make_request(std::uint32_t number) {
    Request request;
    request.safe = random.chance(500);
    request.text = fmt::format("{} /{} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n",
                               request.safe ? "GET" : "POST", number);
    if (!request.safe) request.text += fmt::format("Content-Length: {}\r\n", post_body.size());
    request.text += "\r\n";
    request.head = request.text.size();
    if (!request.safe) request.text += post_body;
    const auto size = static_cast<std::int64_t>(request.text.size());
    request.early = static_cast<std::size_t>(random.chance(700) ? size : random.between(1, size));
    return request;
  }

  void add_client(std::uint32_t number, bool cuts) {
    const Pace pace{
        .write_max = random.pick({std::size_t{1} << 4, std::size_t{1} << 7, std::size_t{1} << 14}),
        .read_max = 512,
        .read_pause_us_max = random.pick<TimeUs>({100, 20'000})};
    EarlyClient& client =
        clients.emplace_back(kernel, pace, random.split(), *trusting, session, make_request(number));
    kernel.schedule(random.between(0, 20'000), [this, number, &client] {
      client.attach(*kernel.connect_to_listener(
          listener, *base::endpoint_from_ip("10.2.0.1", static_cast<std::uint16_t>(20'000 + number))));
    });
    const bool by_reset = random.chance(500);
    if (cuts && random.chance(700))
      kernel.schedule(random.between(20'000, 100'000), [&client, by_reset] { client.cut(by_reset); });
  }

  bool over() const { return all_gone(clients); }

  void run(bool stops) {
    run_lane(*lane, kernel, stops ? std::optional(stop_at) : std::nullopt, [this] { return over(); });
    resumed = lane->counters().tls(0).handshakes_resumed.get();
    end_lane(lane, kernel);
  }

  static constexpr std::uint32_t clients_max = 12;
  Random random;
  Weather weather;
  Kernel kernel;
  sim::Listener& listener;
  io::SocketAddress address;
  Clients clients;
  OriginHost host;
  proxy::Topology topology;
  proxy::LaneShared shared;
  std::unique_ptr<tls::ClientContext> trusting;
  tls::Session session;
  std::optional<proxy::Lane> lane;
  std::uint64_t resumed = 0;
  TimeUs stop_at = kernel.now() + random.between(20'000, 500'000);
};

}  // namespace

TEST_CASE("requests that come early are served or refused by what they are, whatever the kernel does") {
  unsigned early_answers = 0;
  unsigned refused = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    INFO("seed ", seed);
    EarlyBench bench(seed, false);
    bench.run(false);
    CHECK(bench.resumed == EarlyBench::clients_max);
    for (const EarlyClient& client : bench.clients) {
      const Request& request = client.request();
      if (request.safe || request.early < request.head) CHECK(client.status() == 200);
      if (!request.safe && client.status() != 200) CHECK(client.status() == 425);
      early_answers += request.safe ? 1U : 0U;
      refused += client.status() == 425 ? 1U : 0U;
    }
  }
  CHECK(early_answers > 100);
  CHECK(refused > 100);
}

TEST_CASE("nothing is left of early requests whose clients leave, or whose lane was stopped") {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    INFO("seed ", seed);
    EarlyBench bench(seed, true);
    bench.run(true);
  }
}
