// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "check/server_condition.hpp"
#include "check/status.hpp"

namespace corelane::check {

/// What happens when too many connections in a row failed: HAProxy's on-error.
enum class OnError : std::uint8_t { fastinter, fail_check, sudden_death, mark_down };

enum class Transition : std::uint8_t { none, went_up, went_down, stopping };

/// HAProxy's rise and fall: a server goes up after `rise` passed checks in a row and down after `fall` failed
/// ones. It starts up, but its first check decides alone.
class Health {
 public:
  /// Both are at least 1.
  Health(std::uint32_t rise, std::uint32_t fall);

  Transition record(bool passed);
  /// Connections failed as often as counts.
  Transition record_errors(OnError on_error);

  /// Starts again as at the beginning: up, and the next result decides alone.
  Transition restart();

  bool up() const noexcept { return level_ >= rise_; }
  /// Part of the way to the other state, or not checked yet.
  bool changing() const noexcept { return level_ != (up() ? level_max() : 0); }

 private:
  std::uint32_t level_max() const noexcept { return rise_ + fall_ - 1; }

  std::uint32_t rise_;
  std::uint32_t fall_;
  std::uint32_t level_;  // 0: down; from rise_ on: up; level_max(): no failure counts against it
};

struct HealthOptions {
  std::uint32_t rise = 2;
  std::uint32_t fall = 3;
  base::TimeUs interval_us = 2'000'000;
  base::TimeUs fast_interval_us = 2'000'000;  // while changing
  base::TimeUs down_interval_us = 2'000'000;  // while down and not changing
};

struct CheckResult {
  CheckStatus status = CheckStatus::initializing;
  base::TimeUs duration_us = 0;
  base::TimeUs ended_at = 0;
  std::uint32_t code = 0;  // of the protocol; 0: none
  std::string text = {};   // "Connection refused"; the server's own words, or where the check was
};

/// One server's health with what statistics say about it. It is told every result and says when to check
/// again. A check that passes on condition, which is one that asks for no new connections, counts as passed
/// while the server is up, and as failed while it is down; the next one that passes takes it back.
class HealthHistory {
 public:
  HealthHistory(const HealthOptions& options, base::TimeUs now);

  Transition record(const CheckResult& result);
  /// Connections failed as often as counts; `result` says so.
  Transition record_errors(OnError on_error, const CheckResult& result);
  /// Nobody has checked for a while: see Health::restart().
  void restart(base::TimeUs now);
  /// From the start of the check that was recorded to the start of the next.
  base::TimeUs next_interval_us() const noexcept;

  const Health& health() const noexcept { return health_; }
  /// Up, down or stopping.
  Opinion opinion() const noexcept;
  const CheckResult& last() const noexcept { return last_; }
  std::uint64_t checks_total() const noexcept { return checks_total_; }
  std::uint64_t checks_failed() const noexcept { return checks_failed_; }
  /// How often too many connections in a row failed.
  std::uint64_t errors_observed() const noexcept { return errors_observed_; }
  std::uint64_t transitions_down() const noexcept { return transitions_down_; }
  base::TimeUs changed_at() const noexcept { return changed_at_; }
  /// Time spent down until `now`.
  base::TimeUs down_us(base::TimeUs now) const noexcept;

 private:
  Transition note(Opinion before, base::TimeUs at);

  HealthOptions options_;
  Health health_;
  bool stopping_ = false;  // it is up and asks for no new connections
  CheckResult last_;
  base::TimeUs changed_at_;
  base::TimeUs down_before_us_ = 0;  // in earlier times down
  std::uint64_t checks_total_ = 0;
  std::uint64_t checks_failed_ = 0;
  std::uint64_t errors_observed_ = 0;
  std::uint64_t transitions_down_ = 0;
};

/// When the first check of server `index` out of `count` starts, from now: the servers are spread evenly over
/// the interval, each moved by chance within start_jitter_percent of the interval, so that several load
/// balancers that start together do not check in step. From 0 to below the interval.
inline constexpr std::int64_t start_jitter_percent = 5;
base::TimeUs first_check_delay_us(std::uint32_t index, std::uint32_t count, base::TimeUs interval_us,
                                  std::uint64_t seed);

/// When a check that is due then starts: a little earlier, so that checks of many servers share the moments
/// at which they start. Each wakes the process once less, which is most of what a check costs.
inline constexpr std::int64_t start_grid_divisor = 100;  // of the interval
inline constexpr base::TimeUs start_grid_us_max = 10'000;
base::TimeUs start_on_grid_us(base::TimeUs due_us, base::TimeUs interval_us);

}  // namespace corelane::check
