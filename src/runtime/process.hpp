// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "config/model.hpp"
#include "proxy/lane.hpp"
#include "proxy/topology.hpp"
#include "runtime/control_plane.hpp"
#include "runtime/exit_status.hpp"
#include "runtime/lane_threads.hpp"
#include "runtime/limits.hpp"
#include "runtime/listen_sockets.hpp"
#include "runtime/notices.hpp"
#include "runtime/resolve.hpp"
#include "runtime/shutdown.hpp"
#include "runtime/tls_files.hpp"

namespace corelane::runtime {

/// The life of a running Corelane: plan the descriptors -> resolve names -> open every listening socket ->
/// start the lanes -> serve -> drain -> stop. The thread that calls run() is the control thread. At most one
/// per process, because it owns the process's signals and limits.
class Process {
 public:
  /// `tls` is what load_tls() read for the model.
  Process(config::Model model, TlsSettings tls, Notices notices);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// Everything up to accepting. After a failure nothing is left running.
  std::optional<Failure> start();
  /// Serves until a signal or request_drain() ends it and every lane has finished.
  ExitStatus run();

  /// Any thread: as a first TERM; nothing when the end has begun already.
  void request_drain();
  /// Any thread: whether the end has begun.
  bool ending() const noexcept { return ending_.load(std::memory_order_acquire); }

  /// After start(), for whoever watches; only atomics in it change.
  const proxy::Topology& topology() const noexcept { return *topology_; }
  const std::vector<const stats::LaneBlock*>& blocks() const noexcept { return shared_->blocks; }

 private:
  std::optional<Failure> plan();
  std::optional<Failure> open_sockets(Resolver& resolver,
                                      std::vector<std::vector<io::SocketAddress>>& servers);
  std::optional<Failure> make_session_cache();
  std::optional<Failure> start_lanes(Resolver& resolver);
  control::ProcessFacts facts() const;
  void report_start(const std::vector<std::vector<io::SocketAddress>>& servers) const;

  static void on_signal(void* context, int signal_number);
  void act(Shutdown::Action action);
  std::uint64_t connections_current() const;

  Notices notices_;
  config::Model model_;  // moves into the topology
  std::uint32_t lanes_wanted_ = 1;
  std::vector<std::uint32_t> cpus_;  // of lanes; empty: not pinned
  DescriptorPlan descriptors_;
  std::uint32_t pipes_wanted_ = 0;
  TlsSettings tls_;
  proxy::ErrorPages error_pages_;  // moves to what lanes share
  ListenSockets sockets_;
  control::CheckAddresses check_addresses_;
  std::unique_ptr<proxy::Topology> topology_;
  std::unique_ptr<proxy::LaneShared> shared_;
  std::unique_ptr<ControlPlane> control_;  // outlives the lanes, which wake it
  std::unique_ptr<LaneThreads> lanes_;
  Shutdown shutdown_;
  std::atomic<bool> drain_requested_{false};  // written by any thread, taken by the control thread
  std::atomic<bool> ending_{false};           // written by the control thread
};

}  // namespace corelane::runtime
