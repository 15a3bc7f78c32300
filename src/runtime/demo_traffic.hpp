// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace corelane::runtime {

/// A modest, bounded load: a few clients that keep their connections for some requests each, and some that
/// connect for one request only. Tells the servers apart by the X-Server header of their answers.
class DemoTraffic {
 public:
  static constexpr std::size_t clients = 8;  // with connections that they keep
  static constexpr unsigned requests_per_connection =
      50;  // so that a server that comes back gets its share soon
  static constexpr unsigned requests_per_second = 300;
  static constexpr unsigned short_connections_per_second = 20;
  static constexpr std::size_t servers_max = 8;

  DemoTraffic(std::uint16_t port, std::vector<std::string> servers);
  DemoTraffic(const DemoTraffic&) = delete;
  DemoTraffic& operator=(const DemoTraffic&) = delete;
  ~DemoTraffic() { stop(); }

  void start();
  /// Closes every connection.
  void stop();

  std::uint64_t answers(std::size_t server) const noexcept {
    return answers_[server].load(std::memory_order_relaxed);
  }
  /// New connections that were refused or got no answer.
  std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }
  /// Connections that had worked and were lost with their server.
  std::uint64_t cuts() const noexcept { return cuts_.load(std::memory_order_relaxed); }

 private:
  void run_keep_alive();
  void run_short();
  bool exchange(int socket, std::string_view request);
  void count_answer(std::string_view response);
  bool ending() const noexcept { return ending_.load(std::memory_order_relaxed); }

  std::uint16_t port_;
  std::vector<std::string> servers_;
  std::array<std::atomic<std::uint64_t>, servers_max> answers_{};  // written by both threads
  std::atomic<std::uint64_t> failures_{0};                         // written by both threads
  std::atomic<std::uint64_t> cuts_{0};                             // written by the keep-alive thread
  std::atomic<bool> ending_{false};                                // written by stop()
  std::vector<std::thread> threads_;
};

}  // namespace corelane::runtime
