// SPDX-License-Identifier: Apache-2.0
#include "control/pattern_request.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <functional>
#include <span>

#include "config/node.hpp"
#include "control/patch_object.hpp"

namespace corelane::control {

namespace {

using config::Node;
using Kind = config::Node::Kind;

/// What no line of a file could hold is in no list.
bool is_pattern(std::string_view text) {
  return !text.empty() && text.find_first_of("\r\n") == std::string_view::npos;
}

void read_patterns(const Node& node, std::string_view path, config::Report& report,
                   const std::function<void(const std::string&)>& take) {
  if (node.kind != Kind::array) {
    report.error(node.position, std::string(path),
                 fmt::format("{} is not a list of patterns", node_kind_text(node.kind)));
    return;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = node.children[i];
    if (child.kind == Kind::string && is_pattern(child.text)) {
      take(child.text);
    } else {
      report.error(child.position, config::path_index(std::string(path), i),
                   "expected a pattern: a string that is not empty, in one line");
    }
  }
}

void read_values(const Node& node, PatternPatch& patch, config::Report& report) {
  if (node.kind != Kind::object) {
    report.error(node.position, "set",
                 fmt::format("{} is not an object of keys and values", node_kind_text(node.kind)));
    return;
  }
  for (const Node& child : node.children) {
    const bool sound = is_pattern(child.key) && child.kind == Kind::string &&
                       child.text.find_first_of("\r\n") == std::string::npos;
    if (sound) {
      patch.set.emplace_back(child.key, child.text);
    } else {
      report.error(child.position, config::path_key("set", child.key),
                   "expected a key that is not empty and a string, each in one line");
    }
  }
}

bool read_number(std::string_view text, std::size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

}  // namespace

PatternPatch read_pattern_patch(std::string_view json, bool is_map, config::Report& report) {
  const std::array<std::string_view, 2> keys{is_map ? "set" : "add", "delete"};
  PatternPatch patch;
  read_patch_object(json, keys, report, [&](const Node& child) {
    if (child.key == "delete") {
      read_patterns(child, "delete", report, [&](const std::string& text) { patch.removed.push_back(text); });
    } else if (child.key == "set") {
      read_values(child, patch, report);
    } else {
      read_patterns(child, "add", report, [&](const std::string& text) { patch.set.emplace_back(text, ""); });
    }
  });
  return patch;
}

bool read_pattern_query(const AdminTarget& target, PatternQuery& query, std::string& fault,
                        config::Hint& hint) {
  constexpr std::array<std::string_view, 4> keys{"key", "match", "limit", "after"};
  for (const auto& [key, value] : target.query) {
    std::size_t number = 0;
    if (key == "key") {
      query.key = value;
    } else if (key == "match") {
      query.match = value;
    } else if (key == "limit" && read_number(value, number) && number >= 1 &&
               number <= PatternQuery::limit_max) {
      query.limit = static_cast<std::uint32_t>(number);
    } else if (key == "after" && read_number(value, number)) {
      query.after = number;
    } else if (key == "limit" || key == "after") {
      fault = fmt::format("{}: \"{}\" is not a whole number{}", key, value,
                          key == "limit" ? fmt::format(" from 1 to {}", PatternQuery::limit_max) : "");
      return false;
    } else {
      fault = fmt::format("unknown key \"{}\"", key);
      hint = hint_of(key, keys);
      return false;
    }
  }
  return true;
}

}  // namespace corelane::control
