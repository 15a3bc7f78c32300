// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/time.hpp"
#include "io/socket.hpp"

namespace corelane::proxy {

struct Flow;

/// A pipe on loan to a flow that moves much data. Linked from the longest unused to the last used.
struct PipeLoan : base::ListNode {
  io::Pipe pipe;
  Flow* flow = nullptr;
  base::TimeUs used_at = 0;  // bytes last went through
  std::uint32_t bytes = 0;   // in the pipe now
};

/// The lane's pipes: at most `pipes_max`, opened when first wanted and kept for the next flow.
class PipePool {
 public:
  PipePool(std::uint32_t pipes_max, std::uint32_t pipe_size);
  PipePool(const PipePool&) = delete;
  PipePool& operator=(const PipePool&) = delete;
  ~PipePool();

  /// Null when every pipe is on loan or the system gives no more.
  PipeLoan* borrow(Flow& flow);
  /// The pipe must be empty, unless the stream is ending: a pipe with bytes in it is closed.
  void give_back(PipeLoan* loan);
  /// To be called when bytes went through, so that the longest unused stands first.
  void touch(PipeLoan& loan);
  /// The loan used longest ago, or null when no pipe is on loan.
  PipeLoan* longest_unused();

  bool enabled() const noexcept { return !loans_.empty(); }
  std::uint32_t open_count() const noexcept { return open_count_; }

 private:
  std::uint32_t pipe_size_;
  std::uint32_t open_count_ = 0;
  std::vector<PipeLoan> loans_;  // sized once, so that addresses stay
  base::List lent_;
  base::List free_;
};

}  // namespace corelane::proxy
