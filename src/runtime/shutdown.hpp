// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "runtime/exit_status.hpp"

namespace corelane::runtime {

/// How the process ends: the first wish drains, a second one stops, and so does the end of the drain time.
/// Pure.
class Shutdown {
 public:
  enum class Phase : std::uint8_t { serving, draining, stopping };
  enum class Action : std::uint8_t { none, drain, stop };

  /// `drain_timeout_us` 0: connections may take as long as they like.
  explicit Shutdown(base::TimeUs drain_timeout_us) : drain_timeout_us_(drain_timeout_us) {}

  /// Somebody wants the process to end (TERM, INT).
  Action asked(base::TimeUs now) noexcept;
  /// Time has passed.
  Action elapsed(base::TimeUs now) noexcept;

  Phase phase() const noexcept { return phase_; }
  /// When elapsed() will stop, or never.
  base::TimeUs deadline() const noexcept { return deadline_; }
  /// What the process exits with once every lane has finished.
  ExitStatus status() const noexcept { return status_; }

 private:
  Action stop(ExitStatus status) noexcept;

  base::TimeUs drain_timeout_us_;
  base::TimeUs deadline_ = base::time_never;
  Phase phase_ = Phase::serving;
  ExitStatus status_ = ExitStatus::fine;
};

}  // namespace corelane::runtime
