// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace corelane::proxy {

/// A limit on connections shared by all lanes. Lanes draw and return permits in lots, so that the shared
/// cache line is written once per lot and not once per connection. The limit is never exceeded; while lanes
/// hold spare permits, at most 1/64 of it may be out of reach of the others.
class ConnectionBudget {
 public:
  ConnectionBudget(std::uint32_t limit, std::uint32_t lanes);

 private:
  friend class LaneBudget;
  std::uint32_t lot_;
  alignas(128) std::atomic<std::int64_t> available_;  // written by lanes, once per lot
};

/// One lane's hold on a budget.
class LaneBudget {
 public:
  explicit LaneBudget(ConnectionBudget& shared) : shared_(&shared) {}

  bool acquire() noexcept;
  /// For a connection that arrived beyond the limit through an accept already under way; the debt is paid by
  /// later releases.
  void acquire_beyond_limit() noexcept;
  void release() noexcept;
  /// More came beyond the limit than have been released since.
  bool in_debt() const noexcept { return spare_ < 0; }
  /// Permits left in the process, about.
  std::int64_t headroom() const noexcept;

 private:
  ConnectionBudget* shared_;
  std::int64_t spare_ = 0;
};

}  // namespace corelane::proxy
