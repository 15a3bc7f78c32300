// SPDX-License-Identifier: Apache-2.0
#include "runtime/shutdown.hpp"

namespace corelane::runtime {

Shutdown::Action Shutdown::asked(base::TimeUs now) noexcept {
  if (phase_ == Phase::stopping) return Action::none;
  if (phase_ == Phase::draining) return stop(ExitStatus::stopped);
  phase_ = Phase::draining;
  if (drain_timeout_us_ != 0) deadline_ = now + drain_timeout_us_;
  return Action::drain;
}

Shutdown::Action Shutdown::elapsed(base::TimeUs now) noexcept {
  if (phase_ != Phase::draining || now < deadline_) return Action::none;
  return stop(ExitStatus::drain_cut);
}

Shutdown::Action Shutdown::stop(ExitStatus status) noexcept {
  phase_ = Phase::stopping;
  deadline_ = base::time_never;
  status_ = status;
  return Action::stop;
}

}  // namespace corelane::runtime
