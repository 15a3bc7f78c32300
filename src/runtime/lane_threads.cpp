// SPDX-License-Identifier: Apache-2.0
#include "runtime/lane_threads.hpp"

#include <fmt/format.h>

#include <chrono>
#include <random>

#include "runtime/cpus.hpp"

namespace corelane::runtime {

namespace {

base::TimeUs wall_minus_monotonic_us() {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto monotonic = std::chrono::steady_clock::now().time_since_epoch();
  return duration_cast<microseconds>(wall).count() - duration_cast<microseconds>(monotonic).count();
}

}  // namespace

LaneThreads::LaneThreads(proxy::LaneShared& shared, const LaneThreadsOptions& options)
    : options_(options), running_(options.lanes) {
  std::random_device entropy;
  const base::TimeUs wall_offset_us = wall_minus_monotonic_us();
  for (std::uint32_t index = 0; index < options.lanes; ++index) {
    proxy::LaneOptions lane;
    lane.index = index;
    lane.lanes = options.lanes;
    lane.connections_max = options.connections_max;
    lane.seed = (std::uint64_t{entropy()} << 32U) | entropy();
    lane.wall_offset_us = wall_offset_us;
    lane.ring = options.ring;
    lanes_.push_back(std::make_unique<proxy::Lane>(shared, lane));
  }
  for (const std::unique_ptr<proxy::Lane>& lane : lanes_) shared.blocks.push_back(&lane->counters());
}

LaneThreads::~LaneThreads() {
  if (!threads_.empty() && !finished()) {
    for (const std::unique_ptr<proxy::Lane>& lane : lanes_) {
      lane->post({.kind = proxy::LaneMessage::Kind::stop}, nullptr);
    }
  }
  join();
}

std::optional<Failure> LaneThreads::start(ListenSockets& sockets, io::Ring& control) {
  for (std::uint32_t index = 0; index < options_.lanes; ++index) {
    threads_.emplace_back([this, index, &sockets, &control] { run(index, sockets, control); });
  }
  std::unique_lock lock(start_mutex_);
  start_changed_.wait(lock, [this] { return start_reports_ == options_.lanes; });
  go_ = start_failure_.empty() ? Go::listen : Go::abandon;
  start_changed_.notify_all();
  if (go_ == Go::listen) return std::nullopt;
  const Failure failure{ExitStatus::resources, start_failure_};
  lock.unlock();
  join();
  return failure;
}

LaneThreads::Go LaneThreads::report_started(bool started, const std::string& failure) {
  std::unique_lock lock(start_mutex_);
  ++start_reports_;
  if (!started && start_failure_.empty()) start_failure_ = failure;
  start_changed_.notify_all();
  start_changed_.wait(lock, [this] { return go_ != Go::wait; });
  return go_;
}

void LaneThreads::run(std::uint32_t index, ListenSockets& sockets, io::Ring& control) {
  name_this_thread(fmt::format("corelane/{}", index).c_str());
  if (!options_.cpus.empty()) pin_this_thread(options_.cpus[index % options_.cpus.size()]);
  proxy::Lane& lane = *lanes_[index];
  std::string failure;
  const bool started = lane.start(failure);
  if (report_started(started, failure) == Go::listen) {
    for (std::size_t socket = 0; socket < sockets.sockets().size(); ++socket) {
      const ListenSocket& listen = sockets.sockets()[socket];
      lane.listen(listen.frontend, listen.bind, sockets.take(socket, index));
    }
    while (lane.turn()) {
    }
  }
  running_.fetch_sub(1, std::memory_order_release);
  control.wake(nullptr);
}

void LaneThreads::post(const proxy::LaneMessage& message, io::Ring& control) {
  for (const std::unique_ptr<proxy::Lane>& lane : lanes_) lane->post(message, &control);
}

void LaneThreads::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace corelane::runtime
