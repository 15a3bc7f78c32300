// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/field.hpp"

namespace corelane::config {

/// Calls `visit` for every section, parents first, with its path in the form of the reference page:
/// "frontends.NAME.bind[]"; empty for the outermost object.
void visit_sections(const std::function<void(const Section&, const std::string& path)>& visit);

/// The paths of the sections that have this key.
std::vector<std::string> sections_with_key(std::string_view key);

/// What the reference page and the list of keywords have from the registries of rules.
std::string rules_reference();
void add_rule_words(std::set<std::string>& words);

}  // namespace corelane::config
