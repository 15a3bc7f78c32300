// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/http_head.hpp"
#include "sample/expression.hpp"

/// A connection with a request, in a process that stands still: what expressions are evaluated on in tests.
namespace corelane::sample {

struct StillState final : LiveState {
  base::Endpoint destination() const noexcept override { return *base::endpoint_from_ip("192.0.2.80", 8080); }
  base::Endpoint connection_source() const noexcept override {
    return *base::endpoint_from_ip("192.0.2.7", 41000);
  }
  base::Endpoint connection_destination() const noexcept override {
    return *base::endpoint_from_ip("192.0.2.81", 8081);
  }
  base::Endpoint server_source() const noexcept override {
    return *base::endpoint_from_ip("192.0.2.1", 50000);
  }
  base::Endpoint server_destination() const noexcept override { return *base::endpoint_from_ip("::1", 80); }
  std::uint64_t process_connections() const noexcept override { return 1000; }
  std::uint64_t frontend_connections(std::uint32_t frontend) const noexcept override {
    return 100 + frontend;
  }
  std::uint64_t backend_connections(std::uint32_t backend) const noexcept override { return 50 + backend; }
  std::uint64_t server_connections(std::uint32_t, std::uint32_t server) const noexcept override {
    return 10 + server;
  }
  std::uint64_t backend_queue(std::uint32_t) const noexcept override { return 7; }
  std::uint64_t server_queue(std::uint32_t, std::uint32_t server) const noexcept override { return server; }
  std::uint32_t servers_usable(std::uint32_t backend) const noexcept override { return 2 * (1 - backend); }
  bool server_is_up(std::uint32_t backend, std::uint32_t) const noexcept override { return backend == 0; }
  std::optional<std::uint64_t> connection_slots(std::uint32_t backend) const noexcept override {
    return backend == 0 ? std::optional<std::uint64_t>(30) : std::nullopt;
  }
  std::optional<TcpMeasures> client_measures() const noexcept override {
    return TcpMeasures{.rtt_us = 12345,
                       .rtt_variance_us = 678,
                       .unacked = 1,
                       .sacked = 2,
                       .lost = 3,
                       .retransmitted = 4,
                       .forward_acked = 5,
                       .reordering = 6};
  }
  ProxyFacts proxy_header() const noexcept override {
    return {.received = true, .authority = "a.example", .unique_id = {}};
  }
  bool is_local(const base::Endpoint& address) const noexcept override { return address == destination(); }
  std::uint32_t bind() const noexcept override { return 2; }
  std::uint64_t bind_connections() const noexcept override { return 12; }
  ConnectionError client_error() const noexcept override { return ConnectionError::tls_timeout; }
  std::optional<ConnectionError> server_error() const noexcept override { return std::nullopt; }
  std::string_view bind_name() const noexcept override { return "public"; }
  std::string_view backend_name(std::uint32_t backend) const noexcept override {
    return backend == 0 ? "app" : "down";
  }
  std::optional<std::uint32_t> find_backend(std::string_view name) const noexcept override {
    if (name == "app") return 0;
    return name == "down" ? std::optional<std::uint32_t>(1) : std::nullopt;
  }
  std::optional<std::uint32_t> find_server(std::uint32_t, std::string_view name) const noexcept override {
    if (name == "s1") return 0;
    return name == "s2" ? std::optional<std::uint32_t>(1) : std::nullopt;
  }
  std::optional<std::uint32_t> slot_bytes(bool of_response, std::uint32_t slot) const noexcept override {
    return slot == 0 ? std::optional<std::uint32_t>(of_response ? 5 : 4) : std::nullopt;
  }
  void show(std::string_view line, Display display) const noexcept override {
    shown += display == Display::standard_output ? "stdout " : "stderr ";
    shown += line;
  }
  mutable std::string shown;
  std::uint32_t server_id(std::uint32_t, std::uint32_t server) const noexcept override { return server + 1; }
  std::string_view server_name(std::uint32_t, std::uint32_t server) const noexcept override {
    return server == 0 ? "s1" : "s2";
  }
  std::uint32_t frontends() const noexcept override { return 2; }
  std::uint32_t default_backend(std::uint32_t) const noexcept override { return 1; }
  std::int64_t client_timeout_ms(std::uint32_t) const noexcept override { return 60'000; }
  BackendTimeouts backend_timeouts(std::uint32_t) const noexcept override {
    return {.server_ms = 50'000, .tunnel_ms = 3'600'000};
  }
  Weights server_weights(std::uint32_t, std::uint32_t server) const noexcept override {
    return {.effective = 8 + server, .set = 16, .initial = 100};
  }
  std::optional<std::uint64_t> server_free(std::uint32_t, std::uint32_t server) const noexcept override {
    return server == 0 ? std::optional<std::uint64_t>(5) : std::nullopt;
  }
  std::optional<std::uint64_t> backend_free(std::uint32_t backend) const noexcept override {
    return backend == 0 ? std::optional<std::uint64_t>(9) : std::nullopt;
  }
  std::uint64_t frontend_session_rate(std::uint32_t frontend) const noexcept override {
    return 20 + frontend;
  }
  std::uint64_t frontend_request_rate(std::uint32_t frontend) const noexcept override {
    return 30 + frontend;
  }
  std::uint64_t backend_session_rate(std::uint32_t backend) const noexcept override { return 40 + backend; }
  std::uint64_t server_session_rate(std::uint32_t, std::uint32_t server) const noexcept override {
    return 60 + server;
  }
  QueuePlace queue_place() const noexcept override { return {.priority_class = -5, .offset_ms = 250}; }
  LastRule last_rule() const noexcept override { return {.file = "corelane.json", .line = 17}; }
};

struct StillIdentity final : RequestIdentity {
  std::uint64_t number() const noexcept override { return 0x1'0000'0102; }
  std::string_view unique_id(const Context&, Arena&) const override { return "id-7"; }
};

inline Names scene_names() {
  stick::TableShape all{.size = 1};
  for (const stick::DataRow& row : stick::data_rows()) all.store.push_back({.type = row.type});
  return {.frontends = {"web", "other"},
          .backends = {{"app", {"s1", "s2"}}, {"down", {"s1"}}},
          .tables = {{"web", all}},
          .own_table = 0};
}

class Scene {
 public:
  explicit Scene(std::string request, std::string_view client = "10.1.2.3") : request_(std::move(request)) {
    read_request();
    client_ = *base::endpoint_from_ip(client, 40000);
    context_ = {.live = &live_,
                .client = &client_,
                .request = head_.get(),
                .identity = &identity_,
                .frontend_name = "web",
                .frontend = 0,
                .request_number = 1,
                .wall_us = 1'700'000'000'000'000,
                .accepted_wall_us = 1'699'999'999'012'345,
                .process_id = 4711,
                .random_state = &random_};
  }

  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  const Context& context() const { return context_; }
  /// What has come of the connection.
  void set_content(std::string_view bytes, bool final) {
    content_ = {.bytes = bytes, .final = final, .full = false};
    context_.content = &content_;
  }
  void choose(std::uint32_t backend, std::uint32_t server) {
    context_.backend = backend;
    context_.server = server;
  }
  Arena& arena() { return arena_; }
  /// What rules for responses look at: the request is gone then. The text lives as long as the scene.
  void answer_with(std::string_view response) {
    proto::HttpHeadProgress progress;
    (void)proto::read_response_head(response, {}, proto::HttpMethod::get, *response_, progress);
    context_.request = nullptr;
    context_.response = response_.get();
  }
  /// What expressions have shown since it was asked the last time.
  std::string shown() { return std::exchange(live_.shown, {}); }
  void set_variables(VariableScopes& variables) { context_.variables = &variables; }

  /// What the expression makes, as text; every value where `all`, with " | " between them.
  std::string value(const Expression& expression, bool all = false) {
    std::string text;
    Cursor cursor{.all = all};
    do {
      arena_.reset();
      Sample sample;
      if (!expression.evaluate({context_, arena_}, cursor, sample) || !cast(sample, Type::string, arena_))
        return text.empty() ? "(none)" : text;
      text += (text.empty() ? "" : " | ") + std::string(sample.text);
    } while (cursor.more);
    return text;
  }

 private:
  void read_request() {
    proto::HttpHeadProgress progress;
    const proto::HttpRead read = proto::read_request_head(request_, {}, *head_, progress);
    if (read.state != proto::HttpRead::State::head) head_ = nullptr;
  }

  std::string request_;
  std::unique_ptr<proto::HttpRequestHead> head_ = std::make_unique<proto::HttpRequestHead>();
  std::unique_ptr<proto::HttpResponseHead> response_ = std::make_unique<proto::HttpResponseHead>();
  StillIdentity identity_;
  StillState live_;
  base::Endpoint client_;
  std::uint64_t random_ = 1;
  std::vector<char> memory_ = std::vector<char>(4096);
  Arena arena_{memory_};
  Context context_;
  Content content_;
};

inline std::string request_of(std::string_view line, std::string_view fields = "") {
  std::string text(line);
  text += " HTTP/1.1\r\nHost: www.example.com:8080\r\n";
  text += fields;
  return text + "\r\n";
}

}  // namespace corelane::sample
