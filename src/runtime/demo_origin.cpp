// SPDX-License-Identifier: Apache-2.0
#include "runtime/demo_origin.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "runtime/cpus.hpp"
#include "runtime/demo_socket.hpp"

namespace corelane::runtime {

namespace {

constexpr int turn_ms = 50;  // how soon it sees that it shall be away, or end

}  // namespace

DemoOrigin::DemoOrigin(std::string name) : name_(std::move(name)) {
  const std::string body = fmt::format("hello from {}\n", name_);
  response_ = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nX-Server: {}\r\n\r\n{}",
      body.size(), name_, body);
}

DemoOrigin::~DemoOrigin() {
  ending_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
  close_all();
}

bool DemoOrigin::start() {
  if (!listen()) return false;
  thread_ = std::thread([this] { run(); });
  return true;
}

bool DemoOrigin::listen() {
  listener_ = demo_listen(port_);
  return listener_ >= 0;
}

void DemoOrigin::close_all() {
  if (listener_ >= 0) ::close(std::exchange(listener_, -1));
  for (const Connection& connection : connections_) ::close(connection.socket);
  connections_.clear();
}

void DemoOrigin::run() {
  name_this_thread("demo/origin");
  while (!ending_.load(std::memory_order_relaxed)) {
    const bool available = available_.load(std::memory_order_relaxed);
    if (!available) close_all();
    if (available && listener_ < 0) listen();
    turn();
  }
}

void DemoOrigin::turn() {
  std::vector<pollfd> polled;
  for (const Connection& connection : connections_) polled.push_back({connection.socket, POLLIN, 0});
  const bool accepting = listener_ >= 0 && connections_.size() < connections_max;
  if (accepting) polled.push_back({listener_, POLLIN, 0});
  if (::poll(polled.data(), polled.size(), turn_ms) <= 0) return;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (polled[i].revents == 0 || serve(connections_[i])) continue;
    ::close(std::exchange(connections_[i].socket, -1));
  }
  if (accepting && polled.back().revents != 0) accept_one();
  std::erase_if(connections_, [](const Connection& connection) { return connection.socket < 0; });
}

void DemoOrigin::accept_one() {
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket >= 0) connections_.push_back({socket, {}});
}

bool DemoOrigin::serve(Connection& connection) {
  char bytes[1024];
  const ssize_t count = ::recv(connection.socket, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  connection.request.append(bytes, static_cast<std::size_t>(count));
  while (true) {
    const std::size_t end = connection.request.find("\r\n\r\n");
    if (end == std::string::npos) return connection.request.size() <= request_bytes_max;
    const std::string_view head(connection.request.data(), end);
    const bool last = head.find("HTTP/1.0") != head.npos || head.find("Connection: close") != head.npos;
    connection.request.erase(0, end + 4);
    // A response fits into an empty socket buffer; a client that does not read its answers is dropped.
    const ssize_t sent = ::send(connection.socket, response_.data(), response_.size(), MSG_NOSIGNAL);
    if (last || sent != static_cast<ssize_t>(response_.size())) return false;
  }
}

}  // namespace corelane::runtime
