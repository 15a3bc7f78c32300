// SPDX-License-Identifier: Apache-2.0
#include "control/pattern_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace corelane::control {

namespace {

using Json = nlohmann::ordered_json;
using rules::PatternContent;
using rules::PatternEntry;
using rules::PatternSet;

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

/// A file that a map and a test both use is among the maps alone.
bool is_of_kind(const PatternSet& set, bool maps) {
  return set.has_values() == maps;
}

std::string_view kind_of(const PatternSet& set) {
  return set.has_values() ? "map" : "list of patterns";
}

Json entry_tree(const PatternEntry& entry, bool has_value) {
  Json json{{has_value ? "key" : "pattern", entry.pattern}};
  if (has_value) json["value"] = entry.value;
  if (entry.line != 0) json["line"] = entry.line;
  return json;
}

Json set_tree(const PatternSet& set) {
  Json json{{"id", *set.id()}, {"file", nullptr}, {"entries", set.entries().size()}};
  if (!set.file().empty()) json["file"] = set.file();
  return json;
}

Json match_tree(const PatternSet& set, std::string_view text) {
  Json uses = Json::array();
  for (const PatternSet::Match& match : set.matches(text)) {
    Json use{{"method", match.method}, {"ignore_case", match.ignore_case}, {"found", nullptr}};
    if (match.entry != nullptr) use["found"] = entry_tree(*match.entry, set.has_values());
    uses.push_back(std::move(use));
  }
  return {{"match", text}, {"uses", std::move(uses)}};
}

Json page_tree(const PatternSet& set, const PatternQuery& query) {
  Json json = set_tree(set);
  Json content = Json::array();
  const std::span<const PatternEntry> entries = set.entries();
  const std::size_t begin = std::min(query.after, entries.size());
  const std::size_t end = std::min(begin + query.limit, entries.size());
  for (const PatternEntry& entry : entries.subspan(begin, end - begin))
    content.push_back(entry_tree(entry, set.has_values()));
  json["content"] = std::move(content);
  json["next"] = nullptr;
  if (end < entries.size()) json["next"] = end;
  return json;
}

AdminResponse no_entry(std::string_view key) {
  return admin_error(404, fmt::format("there is no entry \"{}\"", key));
}

}  // namespace

AdminResponse PatternAdmin::answer(const AdminCall& call, PatternVerb verb, bool maps) {
  if (verb == PatternVerb::list) return list(maps);
  PatternSet* set = sets_ == nullptr ? nullptr : sets_->find(call.names[0]);
  if (set == nullptr || !is_of_kind(*set, maps)) {
    return admin_error(404, fmt::format("there is no {} \"{}\": it is named by its id or its file",
                                        maps ? "map" : "list of patterns", call.names[0]));
  }
  switch (verb) {
    case PatternVerb::put:
      return replace(*set, call);
    case PatternVerb::patch:
      return patch(*set, call);
    case PatternVerb::remove:
      return remove(*set, call);
    default:
      return show(*set, call);
  }
}

AdminResponse PatternAdmin::list(bool maps) const {
  Json all = Json::array();
  if (sets_ != nullptr) {
    for (const PatternSet& set : sets_->all())
      if (is_of_kind(set, maps)) all.push_back(set_tree(set));
  }
  return {.body = json_text({{maps ? "maps" : "acls", std::move(all)}})};
}

AdminResponse PatternAdmin::show(const PatternSet& set, const AdminCall& call) const {
  PatternQuery query;
  std::string fault;
  config::Hint hint;
  if (!read_pattern_query(call.target, query, fault, hint)) return admin_error(400, fault, hint);
  if (query.match) return {.body = json_text(match_tree(set, *query.match))};
  if (!query.key) return {.body = json_text(page_tree(set, query))};
  Json content = Json::array();
  for (const PatternEntry& entry : set.entries())
    if (entry.pattern == *query.key) content.push_back(entry_tree(entry, set.has_values()));
  if (content.empty()) return no_entry(*query.key);
  Json json = set_tree(set);
  json["content"] = std::move(content);
  return {.body = json_text(json)};
}

AdminResponse PatternAdmin::replace(PatternSet& set, const AdminCall& call) {
  return publish(set, PatternContent::from_text(call.request.content, set.has_values()));
}

AdminResponse PatternAdmin::patch(PatternSet& set, const AdminCall& call) {
  config::Report report("");
  const PatternPatch patch = read_pattern_patch(call.request.content, set.has_values(), report);
  if (report.errors() > 0) return admin_faults(report);
  std::unordered_map<std::string_view, bool> removed;
  std::unordered_map<std::string_view, std::string_view> values;
  for (const std::string& key : patch.removed) removed.emplace(key, false);
  for (const auto& [key, value] : patch.set) values.emplace(key, value);
  std::unordered_set<std::string_view> there;
  std::vector<PatternEntry> entries;
  for (PatternEntry entry : set.entries()) {
    if (const auto gone = removed.find(entry.pattern); gone != removed.end()) {
      gone->second = true;
      continue;
    }
    if (const auto value = values.find(entry.pattern); value != values.end()) {
      there.insert(value->first);
      if (set.has_values()) entry = {entry.pattern, value->second, 0};
    }
    entries.push_back(entry);
  }
  for (const auto& [key, found] : removed)
    if (!found) return no_entry(key);
  for (const auto& [key, value] : patch.set)
    if (!there.contains(key)) entries.push_back({key, value, 0});
  return publish(set, PatternContent::from_entries(entries));
}

// Without a key every entry goes.
AdminResponse PatternAdmin::remove(PatternSet& set, const AdminCall& call) {
  PatternQuery query;
  std::string fault;
  config::Hint hint;
  if (!read_pattern_query(call.target, query, fault, hint)) return admin_error(400, fault, hint);
  std::vector<PatternEntry> entries;
  if (query.key) {
    for (const PatternEntry& entry : set.entries())
      if (entry.pattern != *query.key) entries.push_back(entry);
    if (entries.size() == set.entries().size()) return no_entry(*query.key);
  }
  return publish(set, PatternContent::from_entries(entries));
}

AdminResponse PatternAdmin::publish(PatternSet& set, std::unique_ptr<const PatternContent> content) {
  PatternSet::Change change = set.replace(std::move(content));
  if (change.replaced == nullptr) return admin_error(400, change.fault.message);
  quiet_.retire(std::move(change.replaced));
  say_(fmt::format("The {} {}{} was changed by the administrator: {} entries.", kind_of(set), *set.id(),
                   set.file().empty() ? "" : fmt::format(" ({})", set.file()), set.entries().size()));
  return {.body = json_text(set_tree(set))};
}

}  // namespace corelane::control
