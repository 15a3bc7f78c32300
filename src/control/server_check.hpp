// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/intrusive_list.hpp"
#include "check/health.hpp"
#include "control/check_report.hpp"
#include "control/loop.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

class HealthChecks;

/// The check of one server, for ever: wait until it is due -> wait for a slot -> connect -> close -> wait ...
class ServerCheck : public base::ListNode {
 public:
  ServerCheck(HealthChecks& owner, Loop& loop, const proxy::Backend& backend, std::uint32_t backend_index,
              std::uint32_t server_index);
  ServerCheck(const ServerCheck&) = delete;
  ServerCheck& operator=(const ServerCheck&) = delete;

  /// Plans the first check so far from now.
  void start(base::TimeUs delay_us);
  /// Ends what is under way; nothing is planned afterwards.
  void stop();
  /// The owner's answer to request_slot().
  void connect();

  std::uint32_t backend_index() const noexcept { return backend_index_; }
  std::uint32_t server_index() const noexcept { return server_index_; }
  const check::Health& health() const noexcept { return health_; }
  const CheckResult& last() const noexcept { return last_; }
  std::uint64_t checks_total() const noexcept { return checks_total_; }
  std::uint64_t checks_failed() const noexcept { return checks_failed_; }
  std::uint64_t down_total() const noexcept { return down_total_; }
  base::TimeUs changed_at() const noexcept { return changed_at_; }
  /// Time spent down until `now`.
  base::TimeUs down_us(base::TimeUs now) const noexcept;

 private:
  enum class Phase : std::uint8_t { planned, queued, connecting, closing };

  static void connected(io::Op& op, io::Completion& completion);
  static void timer_due(base::Timer& timer);

  /// The attempt's first outcome counts; what comes after it is part of closing.
  void conclude(int error_number);
  void judge();
  void close();
  void finish();  // nothing is in flight any more
  base::TimeUs timeout_us() const;
  base::TimeUs interval_us() const;

  HealthChecks& owner_;
  Loop& loop_;
  const config::Backend& backend_;
  const proxy::Server& server_;
  const std::uint32_t backend_index_;
  const std::uint32_t server_index_;
  check::Health health_;
  Phase phase_ = Phase::planned;
  io::Descriptor socket_ = io::no_descriptor;
  std::uint32_t in_flight_ = 0;
  io::Op connect_op_;
  base::Timer timer_;  // planned: when it is due; connecting: the time-out
  base::TimeUs started_at_ = 0;
  base::TimeUs changed_at_;
  base::TimeUs down_before_us_ = 0;  // in earlier times down
  CheckResult last_;
  std::uint64_t checks_total_ = 0;
  std::uint64_t checks_failed_ = 0;
  std::uint64_t down_total_ = 0;
};

}  // namespace corelane::control
