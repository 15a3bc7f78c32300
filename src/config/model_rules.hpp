// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/model_health.hpp"

/// What a frontend says about rules, as it is written: conditions are texts here, checked but not kept in
/// another form. FrontendRules is what they are made to.
namespace corelane::config {

/// Tests under a name; one of the lines must hold.
struct Acl {
  std::string name;
  std::vector<std::string> lines;

  friend bool operator==(const Acl&, const Acl&) = default;
};

/// When something applies: always where both are empty, which at most one is not.
struct When {
  std::string if_true;
  std::string unless;

  friend bool operator==(const When&, const When&) = default;
};

struct UseBackend {
  std::uint32_t backend = no_index;  // of the same mode
  When when;

  friend bool operator==(const UseBackend&, const UseBackend&) = default;
};

}  // namespace corelane::config
