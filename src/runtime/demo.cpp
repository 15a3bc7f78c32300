// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "config/config.hpp"
#include "runtime/commands.hpp"
#include "runtime/config_file.hpp"
#include "runtime/cpus.hpp"
#include "runtime/demo_origin.hpp"
#include "runtime/demo_socket.hpp"
#include "runtime/demo_traffic.hpp"
#include "runtime/notices.hpp"
#include "runtime/process.hpp"
#include "runtime/signals.hpp"

namespace corelane::runtime {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::array server_names = {"red", "green", "blue"};
constexpr std::uint16_t admin_port_preferred = 8404;
constexpr milliseconds tick{100};  // how soon the demo sees that it shall end
constexpr unsigned ticks_per_line = 10;
constexpr unsigned seconds_between_outages = 12;
constexpr unsigned seconds_before_outage = 6;
constexpr unsigned seconds_of_outage = 4;

std::string loopback(std::uint16_t port) {
  return fmt::format("127.0.0.1:{}", port);
}

/// The configuration of the demo, as a user would write it.
std::string demo_configuration(const std::string& listen, const std::string& admin,
                               const std::deque<DemoOrigin>& origins) {
  std::string servers;
  for (const DemoOrigin& origin : origins) {
    servers += fmt::format(R"({}{{"name": "{}", "address": "{}"}})", servers.empty() ? "" : ", ",
                           origin.name(), loopback(origin.port()));
  }
  return fmt::format(
      R"({{"global": {{"admin": {{"bind": ["{}"]}}, "drain_timeout": "5s", "log": []}},
"frontends": {{"demo": {{"bind": [{{"address": "{}"}}], "default_backend": "servers"}}}},
"backends": {{"servers": {{"balance": "roundrobin", "retries": 3, "redispatch": true,
  "check": {{"type": "tcp", "interval": "500ms", "fall": 2, "rise": 2}}, "servers": [{}]}}}}}})",
      admin, listen, servers);
}

/// Beside the real process: traffic, an outage now and then, and a line a second about what happens.
class DemoWatch {
 public:
  DemoWatch(Process& process, std::deque<DemoOrigin>& origins, DemoTraffic& traffic, std::int64_t duration_ms)
      : process_(process), origins_(origins), traffic_(traffic), duration_ms_(duration_ms) {}
  DemoWatch(const DemoWatch&) = delete;
  DemoWatch& operator=(const DemoWatch&) = delete;
  ~DemoWatch() {
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }

 private:
  void run() {
    name_this_thread("demo/watch");
    const Clock::time_point begin = Clock::now();
    unsigned ticks = 0;
    while (!process_.ending()) {
      std::this_thread::sleep_until(begin + tick * ++ticks);
      if (ticks % ticks_per_line == 0) second_passed(ticks / ticks_per_line);
      if (duration_ms_ != 0 && Clock::now() - begin >= milliseconds(duration_ms_)) break;
    }
    traffic_.stop();
    process_.request_drain();
  }

  void second_passed(unsigned second) {
    print_line(second);
    const unsigned in_round = second % seconds_between_outages;
    DemoOrigin& origin = origins_[second / seconds_between_outages % origins_.size()];
    if (in_round == seconds_before_outage) {
      origin.set_available(false);
      stream_write(stdout,
                   fmt::format("      {} is taken away for {} seconds; connections through it are cut\n",
                               origin.name(), seconds_of_outage));
    } else if (in_round == seconds_before_outage + seconds_of_outage) {
      origin.set_available(true);
      stream_write(stdout, fmt::format("      {} is back\n", origin.name()));
    }
  }

  void print_line(unsigned second) {
    std::array<std::uint64_t, server_names.size()> answers{};
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::uint64_t total = traffic_.answers(i);
      answers[i] = total - std::exchange(answers_seen_[i], total);
      sum += answers[i];
    }
    std::string line = fmt::format("{:>4}s  {:>4} requests/s ", second, sum);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto status =
          process_.topology().backends()[0].servers[i].state->status.load(std::memory_order_acquire);
      line +=
          fmt::format("  {} {:<4} {:>3}%", server_names[i], status == proxy::ServerStatus::up ? "UP" : "DOWN",
                      sum == 0 ? 0 : answers[i] * 100 / sum);
    }
    stream_write(stdout, fmt::format("{}   {} cut, {} failed\n", line, traffic_.cuts(), traffic_.failures()));
  }

  Process& process_;
  std::deque<DemoOrigin>& origins_;
  DemoTraffic& traffic_;
  std::int64_t duration_ms_;
  std::array<std::uint64_t, server_names.size()> answers_seen_{};
  std::thread thread_;
};

/// Where the demo listens.
struct DemoAddresses {
  std::string listen;
  std::string admin;
};

DemoAddresses demo_addresses(const DemoRequest& request) {
  return {request.listen.empty() ? loopback(demo_free_port(0)) : request.listen,
          request.admin.empty() ? loopback(demo_free_port(admin_port_preferred)) : request.admin};
}

/// Traffic stays on this machine.
std::optional<std::uint16_t> traffic_port(const config::Address& listen) {
  const bool local =
      listen.kind == config::Address::Kind::ip && base::endpoint_ip_text(listen.endpoint) == "127.0.0.1";
  return local ? std::optional(listen.endpoint.port) : std::nullopt;
}

void print_introduction(const DemoAddresses& addresses) {
  stream_write(stdout,
               fmt::format("\nTry it:     curl http://{0}/\nDashboard:  http://{1}/\nNumbers:    curl "
                           "http://{1}/stats\nCtrl-C ends the demo.\n\n",
                           addresses.listen, addresses.admin));
}

}  // namespace

ExitStatus command_demo(const DemoRequest& request) {
  const std::optional<std::int64_t> duration_ms = request.duration.empty()
                                                      ? std::optional<std::int64_t>(0)
                                                      : base::duration_ms_from_text(request.duration);
  if (!duration_ms)
    return usage_error(fmt::format("--for {}: not a duration such as 30s or 5m", request.duration));
  Signals::block();
  std::deque<DemoOrigin> origins;
  for (const char* name : server_names) {
    if (!origins.emplace_back(name).start()) {
      stream_write(stderr, "corelane: error: the demo's servers cannot listen on 127.0.0.1\n");
      return ExitStatus::resources;
    }
  }
  const DemoAddresses addresses = demo_addresses(request);
  config::LoadResult loaded =
      config::load(demo_configuration(addresses.listen, addresses.admin, origins), "demo configuration");
  diagnostics_print(loaded.diagnostics);
  if (!loaded.model) return ExitStatus::usage;

  const std::optional<std::uint16_t> port = traffic_port(loaded.model->frontends[0].bind[0].address);
  if (!port)
    return usage_error(fmt::format("--listen {}: the demo listens on 127.0.0.1:PORT only", request.listen));

  Process process(std::move(*loaded.model), {}, Notices(output_form_of_standard_error()));
  if (const std::optional<Failure> failure = process.start()) {
    stream_write(stderr, fmt::format("corelane: error: {}\n", failure->text));
    return failure->status;
  }
  print_introduction(addresses);
  DemoTraffic traffic(*port, {server_names.begin(), server_names.end()});
  DemoWatch watch(process, origins, traffic, *duration_ms);
  traffic.start();
  watch.start();
  return process.run();
}

}  // namespace corelane::runtime
