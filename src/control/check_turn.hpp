// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/intrusive_list.hpp"

namespace corelane::control {

/// Something that waits for its turn among the checks under way: HealthChecks::request_turn().
class CheckTurn : public base::ListNode {
 public:
  /// It is its turn; release_turn() follows when it is over.
  virtual void begin() = 0;

 protected:
  ~CheckTurn() = default;
};

}  // namespace corelane::control
