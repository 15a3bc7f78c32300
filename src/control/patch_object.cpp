// SPDX-License-Identifier: Apache-2.0
#include "control/patch_object.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/near_miss.hpp"

namespace corelane::control {

config::Hint hint_of(std::string_view word, std::span<const std::string_view> allowed) {
  return {.allowed = {allowed.begin(), allowed.end()},
          .near_miss = std::string(base::near_miss(word, allowed))};
}

void read_patch_object(std::string_view json, std::span<const std::string_view> keys, config::Report& report,
                       const std::function<void(const config::Node&)>& take) {
  const std::optional<config::Node> root = config::read_json(json, report);
  if (!root) return;
  if (root->kind != config::Node::Kind::object) {
    report.error(root->position, "", fmt::format("{} is not an object", node_kind_text(root->kind)),
                 hint_of("", keys));
    return;
  }
  for (const config::Node& child : root->children) {
    if (std::ranges::find(keys, child.key) != keys.end()) {
      take(child);
    } else {
      report.error(child.key_position, config::path_key("", child.key), "unknown key",
                   hint_of(child.key, keys));
    }
  }
  if (root->children.empty()) {
    report.error(root->position, "", "nothing is to be changed", hint_of("", keys));
  }
}

}  // namespace corelane::control
