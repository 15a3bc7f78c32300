// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "control/admin_routes.hpp"
#include "control/pattern_request.hpp"
#include "control/quiet_lanes.hpp"
#include "rules/pattern_sets.hpp"

namespace corelane::control {

/// Maps and lists of patterns as administrators see and change them. A change is a whole new list, which
/// every lane looks at from its next lookup on. Lives in the control thread.
class PatternAdmin {
 public:
  /// `say` gets a line for the log when a list has changed. Without `sets` there is none.
  PatternAdmin(rules::PatternSets* sets, QuietLanes& quiet, std::function<void(const std::string& text)> say)
      : sets_(sets), quiet_(quiet), say_(std::move(say)) {}

  AdminResponse answer(const AdminCall& call, PatternVerb verb, bool maps);

 private:
  AdminResponse list(bool maps) const;
  AdminResponse show(const rules::PatternSet& set, const AdminCall& call) const;
  AdminResponse replace(rules::PatternSet& set, const AdminCall& call);
  AdminResponse patch(rules::PatternSet& set, const AdminCall& call);
  AdminResponse remove(rules::PatternSet& set, const AdminCall& call);
  AdminResponse publish(rules::PatternSet& set, std::unique_ptr<const rules::PatternContent> content);

  rules::PatternSets* sets_;
  QuietLanes& quiet_;
  std::function<void(const std::string& text)> say_;
};

}  // namespace corelane::control
