// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace corelane::runtime {

/// A small HTTP server on a loopback port that answers every request with its name; one thread. It can be
/// taken away (its port then refuses connections, as after a crash) and brought back.
class DemoOrigin {
 public:
  static constexpr std::size_t connections_max = 64;
  static constexpr std::size_t request_bytes_max = 4096;

  explicit DemoOrigin(std::string name);
  DemoOrigin(const DemoOrigin&) = delete;
  DemoOrigin& operator=(const DemoOrigin&) = delete;
  ~DemoOrigin();

  /// Listens and starts to serve. False when there is no socket to be had.
  bool start();
  void set_available(bool available) noexcept { available_.store(available, std::memory_order_relaxed); }
  bool available() const noexcept { return available_.load(std::memory_order_relaxed); }

  const std::string& name() const noexcept { return name_; }
  std::uint16_t port() const noexcept { return port_; }

 private:
  struct Connection {
    int socket;
    std::string request;
  };

  bool listen();
  void close_all();
  void run();
  void turn();
  void accept_one();
  /// False when the connection has ended.
  bool serve(Connection& connection);

  std::string name_;
  std::string response_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::vector<Connection> connections_;
  std::atomic<bool> available_{true};  // written by the demo
  std::atomic<bool> ending_{false};    // written by the destructor
  std::thread thread_;
};

}  // namespace corelane::runtime
