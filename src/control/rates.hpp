// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "control/loop.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"

namespace corelane::control {

/// How fast a total grows: per second over the last sample, and the most there ever was. Pure.
class Rate {
 public:
  void sample(std::uint64_t total, base::TimeUs span_us) noexcept;
  std::uint64_t per_second() const noexcept { return per_second_; }
  std::uint64_t per_second_max() const noexcept { return per_second_max_; }

 private:
  std::uint64_t total_ = 0;
  std::uint64_t per_second_ = 0;
  std::uint64_t per_second_max_ = 0;
};

/// Samples the lanes' counters once a second, for what only two readings can tell: connection rates and how
/// busy lanes are.
class Rates {
 public:
  static constexpr base::TimeUs sample_interval_us = 1'000'000;

  Rates(Loop& loop, const proxy::Topology& topology, const std::vector<const stats::LaneBlock*>& blocks);
  Rates(const Rates&) = delete;
  Rates& operator=(const Rates&) = delete;

  void start();
  void stop();

  const Rate& process() const noexcept { return process_; }
  /// Handshakes with clients that came to something; and of these, whole ones. HAProxy's SslRate and
  /// SslFrontendKeyRate.
  struct Handshakes {
    Rate all;
    Rate full;
  };
  const Handshakes& handshakes() const noexcept { return process_handshakes_; }
  const Handshakes& handshakes(std::size_t frontend) const { return handshakes_[frontend]; }
  const Rate& frontend(std::size_t index) const { return frontends_[index]; }
  const Rate& backend(std::size_t index) const { return backends_[index]; }
  const Rate& server(std::size_t backend, std::size_t server) const { return servers_[backend][server]; }
  /// 0 to 1: the part of the last second that this lane did not wait for work.
  double lane_busy_share(std::size_t lane) const;

 private:
  static void sample_due(base::Timer& timer);
  void sample(base::TimeUs now);
  void sample_handshakes(base::TimeUs span);

  Loop& loop_;
  const std::vector<const stats::LaneBlock*>& blocks_;
  base::Timer timer_;
  base::TimeUs sampled_at_ = 0;
  Rate process_;
  Handshakes process_handshakes_;
  std::vector<Handshakes> handshakes_;  // of frontends
  std::vector<Rate> frontends_;
  std::vector<Rate> backends_;
  std::vector<std::vector<Rate>> servers_;
  std::vector<Rate> lanes_busy_us_;
};

}  // namespace corelane::control
