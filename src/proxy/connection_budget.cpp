// SPDX-License-Identifier: Apache-2.0
#include "proxy/connection_budget.hpp"

#include <algorithm>

namespace corelane::proxy {

namespace {
constexpr std::uint32_t lot_max = 64;
constexpr std::uint32_t stranded_share =
    64;  // lanes together hold at most limit / stranded_share spare permits
}  // namespace

ConnectionBudget::ConnectionBudget(std::uint32_t limit, std::uint32_t lanes)
    :  // A lane holds at most two lots.
      lot_(std::clamp<std::uint32_t>(limit / (2 * lanes * stranded_share), 1, lot_max)),
      available_(limit) {}

bool LaneBudget::acquire() noexcept {
  if (spare_ <= 0) {
    std::int64_t available = shared_->available_.load(std::memory_order_relaxed);
    std::int64_t lot = 0;
    do {
      lot = std::min<std::int64_t>(shared_->lot_ - spare_, available);
      if (lot + spare_ <= 0) return false;
    } while (
        !shared_->available_.compare_exchange_weak(available, available - lot, std::memory_order_relaxed));
    spare_ += lot;
  }
  --spare_;
  return true;
}

void LaneBudget::acquire_beyond_limit() noexcept {
  if (!acquire()) --spare_;
}

void LaneBudget::release() noexcept {
  ++spare_;
  // With a lot of one nothing is kept back, so that a small limit is exact in every lane.
  const std::int64_t keep = shared_->lot_ == 1 ? 0 : shared_->lot_;
  if (spare_ <= 2 * keep) return;
  shared_->available_.fetch_add(spare_ - keep, std::memory_order_relaxed);
  spare_ = keep;
}

std::int64_t LaneBudget::headroom() const noexcept {
  return shared_->available_.load(std::memory_order_relaxed) + spare_;
}

}  // namespace corelane::proxy
