// SPDX-License-Identifier: Apache-2.0
#include "runtime/demo_traffic.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.hpp"
#include "runtime/cpus.hpp"
#include "runtime/demo_socket.hpp"

namespace corelane::runtime {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view request_keep_alive = "GET / HTTP/1.1\r\nHost: demo\r\n\r\n";
constexpr std::string_view request_last = "GET / HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n";
constexpr std::size_t response_bytes_max = 4096;

struct Client {
  int socket = -1;
  unsigned requests_left = 0;

  void close() {
    if (socket >= 0) ::close(std::exchange(socket, -1));
  }
};

/// Sleeps so that `per_second` turns take a second; after a stall it goes on from now and does not catch up.
class Pace {
 public:
  explicit Pace(unsigned per_second) : interval_(std::chrono::microseconds(1'000'000 / per_second)) {}
  void wait() {
    next_ = std::max(next_ + interval_, Clock::now());
    std::this_thread::sleep_until(next_);
  }

 private:
  std::chrono::microseconds interval_;
  Clock::time_point next_ = Clock::now();
};

/// Whether the response is complete: head and as many bytes as it says.
bool complete(std::string_view response) {
  constexpr std::string_view length_header = "Content-Length: ";
  const std::size_t head_end = response.find("\r\n\r\n");
  const std::size_t header = response.find(length_header);
  if (head_end == std::string_view::npos || header == std::string_view::npos) return false;
  std::size_t length = 0;
  for (std::size_t i = header + length_header.size(); response[i] >= '0' && response[i] <= '9'; ++i) {
    length = length * 10 + static_cast<std::size_t>(response[i] - '0');
  }
  return response.size() >= head_end + 4 + length;
}

}  // namespace

DemoTraffic::DemoTraffic(std::uint16_t port, std::vector<std::string> servers)
    : port_(port), servers_(std::move(servers)) {
  CORELANE_CHECK(servers_.size() <= servers_max);
}

void DemoTraffic::start() {
  threads_.emplace_back([this] { run_keep_alive(); });
  threads_.emplace_back([this] { run_short(); });
}

void DemoTraffic::stop() {
  ending_.store(true, std::memory_order_relaxed);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void DemoTraffic::run_keep_alive() {
  name_this_thread("demo/traffic");
  std::array<Client, clients> all;
  Pace pace(requests_per_second);
  for (std::size_t turn = 0; !ending(); turn = (turn + 1) % clients) {
    pace.wait();
    Client& client = all[turn];
    if (client.socket < 0) {
      client.socket = demo_connect(port_);
      client.requests_left = requests_per_connection;
    }
    const bool answered = client.socket >= 0 && exchange(client.socket, request_keep_alive);
    const bool worked_before = client.requests_left < requests_per_connection;
    if (!answered) (worked_before ? cuts_ : failures_).fetch_add(1, std::memory_order_relaxed);
    if (!answered || --client.requests_left == 0) client.close();
  }
  for (Client& client : all) client.close();
}

void DemoTraffic::run_short() {
  name_this_thread("demo/short");
  Pace pace(short_connections_per_second);
  while (!ending()) {
    pace.wait();
    Client client;
    client.socket = demo_connect(port_);
    if (client.socket < 0 || !exchange(client.socket, request_last)) {
      failures_.fetch_add(1, std::memory_order_relaxed);
    }
    client.close();
  }
}

bool DemoTraffic::exchange(int socket, std::string_view request) {
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    return false;
  }
  std::string response;
  char bytes[1024];
  while (!complete(response) && response.size() < response_bytes_max) {
    const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    response.append(bytes, static_cast<std::size_t>(count));
  }
  count_answer(response);
  return true;
}

void DemoTraffic::count_answer(std::string_view response) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (response.find("X-Server: " + servers_[i] + "\r\n") == std::string_view::npos) continue;
    answers_[i].fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

}  // namespace corelane::runtime
