// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace corelane::control {

/// A request's target taken apart, with %XX decoded: "/v1/sessions?limit=5" has the segments "v1" and
/// "sessions".
struct AdminTarget {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;  // in their order; a key without '=' has no value
};

/// Nothing when a %XX is broken.
std::optional<AdminTarget> read_admin_target(std::string_view target);

/// Whether the segments are those of a pattern such as "/v1/backends/{backend}/servers/{server}", where {}
/// stands for any one that is not empty. What stood there is added to `names`.
bool matches_admin_path(std::string_view pattern, const std::vector<std::string>& segments,
                        std::vector<std::string_view>& names);

}  // namespace corelane::control
