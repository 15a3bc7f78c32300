// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.hpp"
#include "control/admin_target.hpp"

namespace corelane::control {

/// What an administrator changes of a list.
struct PatternPatch {
  std::vector<std::string> removed;
  std::vector<std::pair<std::string, std::string>> set;  // with values, where the list has some
};

/// Reads {"set": {"10.0.0.0/8": "inside"}, "delete": ["::1"]} of a map, and {"add": ["/img"], "delete":
/// ["/x"]} of a list of patterns, strictly as a configuration is read.
PatternPatch read_pattern_patch(std::string_view json, bool is_map, config::Report& report);

/// What of a list is asked for.
struct PatternQuery {
  static constexpr std::uint32_t limit_max = 1000;

  std::optional<std::string> key;    // entries with this pattern
  std::optional<std::string> match;  // what this text matches
  std::uint32_t limit = 100;
  std::size_t after = 0;  // entries that are passed over
};

/// False: `fault` says what is wrong.
bool read_pattern_query(const AdminTarget& target, PatternQuery& query, std::string& fault,
                        config::Hint& hint);

}  // namespace corelane::control
