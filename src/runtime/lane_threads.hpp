// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "proxy/lane.hpp"
#include "runtime/exit_status.hpp"
#include "runtime/listen_sockets.hpp"

namespace corelane::runtime {

struct LaneThreadsOptions {
  std::uint32_t lanes = 1;
  std::uint32_t connections_max =
      1;  // of the process; lanes may be uneven, so one lane's pools have room for all
  std::vector<std::uint32_t> cpus;  // lane N runs on cpus[N % size]; empty: not pinned
  io::RingOptions ring;
};

/// The lanes and the threads that turn them. Made, started, told and joined by the control thread.
class LaneThreads {
 public:
  LaneThreads(proxy::LaneShared& shared, const LaneThreadsOptions& options);
  LaneThreads(const LaneThreads&) = delete;
  LaneThreads& operator=(const LaneThreads&) = delete;
  /// Stops and joins whatever still runs.
  ~LaneThreads();

  /// Starts one thread per lane; every lane makes its ring, and when all have one, all begin to accept on
  /// their share of `sockets`. A lane that cannot start ends all of them, and the failure says why. `control`
  /// is woken when a lane has finished.
  std::optional<Failure> start(ListenSockets& sockets, io::Ring& control);

  void post(const proxy::LaneMessage& message, io::Ring& control);
  /// Every lane has drained or stopped. False before start().
  bool finished() const noexcept { return running_.load(std::memory_order_acquire) == 0; }
  void join();

  std::vector<std::unique_ptr<proxy::Lane>>& lanes() noexcept { return lanes_; }
  const std::vector<std::unique_ptr<proxy::Lane>>& lanes() const noexcept { return lanes_; }

 private:
  enum class Go : std::uint8_t { wait, listen, abandon };

  void run(std::uint32_t index, ListenSockets& sockets, io::Ring& control);
  Go report_started(bool started, const std::string& failure);

  LaneThreadsOptions options_;
  std::vector<std::unique_ptr<proxy::Lane>> lanes_;
  std::vector<std::thread> threads_;
  std::atomic<std::uint32_t> running_;  // written by lanes as they finish

  std::mutex start_mutex_;  // guards the following, at start only
  std::condition_variable start_changed_;
  std::uint32_t start_reports_ = 0;
  std::string start_failure_;
  Go go_ = Go::wait;
};

}  // namespace corelane::runtime
