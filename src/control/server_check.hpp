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
class ServerCheck : public base::ListNode, public io::OpOwner {
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
  const check::HealthHistory& history() const noexcept { return history_; }
  /// The errno of the last check that ended, 0 when it passed or timed out.
  int last_error() const noexcept { return last_error_; }
  /// Checks that could not be made for want of a descriptor or the like; they say nothing about the server.
  std::uint64_t checks_skipped() const noexcept { return checks_skipped_; }

 private:
  enum class Phase : std::uint8_t { planned, queued, connecting, closing };

  static void connected(io::Op& op, io::Completion& completion);
  static void timer_due(base::Timer& timer);

  /// The attempt's first outcome counts; what comes after it is part of closing.
  void conclude(int error_number);
  void judge(check::CheckStatus status, int error_number);
  void close();
  void finish();  // nothing is in flight any more
  base::TimeUs timeout_us() const;

  HealthChecks& owner_;
  Loop& loop_;
  const config::Backend& backend_;
  const proxy::Server& server_;
  const std::uint32_t backend_index_;
  const std::uint32_t server_index_;
  check::HealthHistory history_;
  Phase phase_ = Phase::planned;
  io::Descriptor socket_ = io::no_descriptor;
  io::Op connect_op_;
  base::Timer timer_;  // planned: when it is due; connecting: the time-out
  base::TimeUs started_at_ = 0;
  int last_error_ = 0;
  std::uint64_t checks_skipped_ = 0;
};

}  // namespace corelane::control
