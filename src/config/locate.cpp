// SPDX-License-Identifier: Apache-2.0
#include "config/locate.hpp"

#include <optional>
#include <string>

#include "config/node.hpp"

namespace corelane::config {
namespace {

bool leads_to(std::string_view step, std::string_view path) {
  if (!path.starts_with(step)) return false;
  return path.size() == step.size() || path[step.size()] == '.' || path[step.size()] == '[';
}

/// The node is at `here`, which leads to `path`.
const Node& innermost(const Node& node, const std::string& here, std::string_view path) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = node.children[i];
    const std::string step = node.kind == Node::Kind::array ? path_index(here, i) : path_key(here, child.key);
    if (leads_to(step, path)) return innermost(child, step, path);
  }
  return node;
}

}  // namespace

void locate(std::string_view text, std::span<Diagnostic> diagnostics) {
  if (diagnostics.empty()) return;
  Report unused("");
  const std::optional<Node> root = read_json(text, unused);
  if (!root) return;
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.position.line != 0 || diagnostic.json_path.empty()) continue;
    diagnostic.position = innermost(*root, "", diagnostic.json_path).position;
  }
}

}  // namespace corelane::config
