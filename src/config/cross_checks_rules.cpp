// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/cross_checks.hpp"
#include "config/frontend_rules.hpp"
#include "rules/pattern_sets.hpp"

namespace corelane::config {
namespace {

/// What a server says of its name may have been handed down by default_server.
const Node& find_server_name(const Node& backend, const RulePlace& place, std::string& path) {
  const Node* tls = backend.find("servers")->children[place.index].find(place.name);
  path =
      tls != nullptr ? path_index(path_key(path, "servers"), place.index) : path_key(path, "default_server");
  if (tls == nullptr) tls = backend.find("default_server")->find(place.name);
  path = path_key(path_key(path, place.name), place.inner_name);
  return *tls->find(place.inner_name);
}

/// The text at a place, and its path; an ACL's only line may stand without a list.
const Node& find_text(const Node& object, const RulePlace& place, std::string& path) {
  if (place.key == "servers") return find_server_name(object, place, path);
  const Node* node = &object;
  const auto enter_list = [&] {
    if (node->kind != Node::Kind::array) return;
    const std::size_t index =
        place.name == node->key && !place.inner_name.empty() ? place.inner : place.index;
    node = &node->children[index];
    path = path_index(path, index);
  };
  for (const std::string_view key : {place.group, place.key, place.name}) {
    if (key.empty()) continue;
    node = node->find(key);
    path = path_key(path, key);
    enter_list();
  }
  if (!place.inner_name.empty()) {
    node = node->find(place.inner_name);
    path = path_key(path, place.inner_name);
  }
  return *node;
}

/// `decides` says whether no rule behind it is looked at, where the rule applies.
template <class Rule, class Decides>
void check_reach(const std::vector<Rule>& list, const Node& node, const std::string& path, Report& report,
                 Decides decides) {
  for (std::size_t i = 0; i + 1 < list.size(); ++i) {
    if (list[i].when != When{} || !decides(list[i])) continue;
    report.error(node.children[i + 1].position, path_index(path, i + 1),
                 "is never reached: the rule before it has no condition");
    return;
  }
}

void check_reach_of_lists(const RuleLists& lists, const Node& object, const std::string& path,
                          Report& report) {
  for (const rules::RuleListRow& row : rules::rule_lists) {
    if (lists[row.list].empty()) continue;
    std::string place = path;
    const Node* node = &object;
    for (const std::string_view key : {row.group, row.key}) {
      if (key.empty()) continue;
      node = node->find(key);
      place = path_key(place, key);
    }
    check_reach(lists[row.list], *node, place, report,
                [](const Rule& rule) { return rules::row_of(rule.action).decides; });
  }
}

/// In mode http nothing waits for bytes.
template <class Owner>
void check_inspect_delays(const Owner& owner, const Node& node, const std::string& path, Report& report) {
  for (const std::string_view group : {"tcp_request", "tcp_response"}) {
    const Node* rules = node.find(group);
    const Node* delay = rules != nullptr ? rules->find("inspect_delay") : nullptr;
    if (owner.mode != Mode::http || delay == nullptr) continue;
    report.error(
        delay->key_position, path_key(path_key(path, group), "inspect_delay"),
        "has no effect unless the mode is tcp: in mode http rules about content are looked at when a "
        "head has been read");
  }
}

/// Makes the rules of one frontend or backend, to hear of their faults.
template <class Owner>
void check_owner(const Owner& owner, const sample::Names& names, const Node& node, const std::string& path,
                 std::vector<std::string>& unused, Report& report) {
  check_inspect_delays(owner, node, path, report);
  const Node* told = nullptr;  // of servers that share it
  const auto tell = [&](const RulePlace& place, const sample::Fault& fault) {
    std::string where = path;
    const Node& text = find_text(node, place, where);
    if (place.key == "servers" && std::exchange(told, &text) == &text) return;
    report.error(position_in(text, fault.position), where, fault.message, {fault.allowed, fault.near_miss});
  };
  if (const auto rules = compile_rules(owner, names, tell)) {
    const std::vector<std::string_view> acls = rules->acls.unused();
    unused.assign(acls.begin(), acls.end());
  }
  check_reach_of_lists(owner.rules, node, path, report);
}

/// Lists that rules change are looked into by others.
void check_changed_lists(const RuleLists& lists, const Node& object, const std::string& path,
                         rules::PatternSets& sets, Report& report) {
  for (const rules::RuleListRow& row : rules::rule_lists) {
    for (std::size_t i = 0; i < lists[row.list].size(); ++i) {
      const Rule& rule = lists[row.list][i];
      const bool map = !rule.map.empty();
      const std::string& name = map ? rule.map : rule.acl;
      if (name.empty()) continue;
      const rules::PatternSet* set = sets.find(name);
      if (set != nullptr && set->has_values() == map) continue;
      std::string where = path;
      const Node& text = find_text(
          object, {.key = row.key, .name = map ? "map" : "acl", .index = i, .group = row.group}, where);
      report.error(text.position, where,
                   fmt::format("no rule looks into {} \"{}\"", map ? "a map" : "a list of patterns", name));
    }
  }
}

void check_changed_lists(const Document& document, const Node& root, Report& report) {
  if (document.pattern_files.sets == nullptr) return;
  rules::PatternSets& sets = *document.pattern_files.sets;
  for (std::size_t f = 0; f < document.frontends.size(); ++f)
    check_changed_lists(document.frontends[f].rules, root.find("frontends")->children[f],
                        path_key("frontends", document.frontends[f].name), sets, report);
  for (std::size_t b = 0; b < document.backends.size(); ++b)
    check_changed_lists(document.backends[b].rules, root.find("backends")->children[b],
                        path_key("backends", document.backends[b].name), sets, report);
}

/// A table is named by its owner.
void check_table_names(const Document& document, const Node& root, Report& report) {
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    const BackendDraft& backend = document.backends[b];
    const auto same = std::find_if(
        document.frontends.begin(), document.frontends.end(),
        [&](const Frontend& frontend) { return frontend.name == backend.name && frontend.stick_table; });
    if (!backend.stick_table || same == document.frontends.end()) continue;
    report.error(root.find("backends")->children[b].find("stick_table")->key_position,
                 path_key(path_key("backends", backend.name), "stick_table"),
                 fmt::format("the frontend \"{}\" has one already, and tables are named by their owners",
                             backend.name));
  }
}

/// A table that keeps servers stores their ids, whether it says so or not. One that is not there is told of
/// later.
void store_server_ids(Document& document) {
  for (const BackendDraft& backend : document.backends) {
    for (const StickRule& rule : backend.stick) {
      const std::string& wanted = rule.table.empty() ? backend.name : rule.table;
      for_each_table(document.frontends, document.backends, [&](const std::string& name, StickTable& table) {
        if (name == wanted && !table.keeps_servers())
          table.store.push_back({stick::DataType::server_id, 1, 0});
      });
    }
  }
}

void warn_of_unused_acls(const std::vector<std::string>& unused, const Node& object, const std::string& path,
                         Report& report) {
  for (const std::string& name : unused) {
    report.warning(object.find("acls")->find(name)->key_position, path_key(path_key(path, "acls"), name),
                   "no rule uses this ACL");
  }
}

void check_users(const Document& document, const Node& root, Report& report) {
  for (std::size_t i = 0; i < document.user_lists.size(); ++i) {
    const UserList& list = document.user_lists[i];
    const Node& users = *root.find("userlists")->children[i].find("users");
    for (std::size_t k = 0; k < list.users.size(); ++k) {
      const User& user = list.users[k];
      if (user.password.empty() || user.password.starts_with('$')) continue;
      const std::string path = path_key(path_key(path_key("userlists", list.name), "users"), user.name);
      report.error(users.children[k].find("password")->position, path_key(path, "password"),
                   "is no hash of crypt(3), which begins with $: openssl passwd -6 makes one");
    }
  }
}

}  // namespace

UnusedAcls check_rules(Document& document, const Node& root, Report& report) {
  UnusedAcls unused{std::vector<std::vector<std::string>>(document.frontends.size()),
                    std::vector<std::vector<std::string>>(document.backends.size())};
  check_users(document, root, report);
  check_table_names(document, root, report);
  store_server_ids(document);
  sample::VariableNames variables;
  sample::Names names =
      names_of(document.frontends, document.backends, document.pattern_files.sets.get(), &variables);
  for (const UserList& list : document.user_lists) names.user_lists.push_back(list.name);
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const Frontend& frontend = document.frontends[f];
    const Node& node = root.find("frontends")->children[f];
    const std::string path = path_key("frontends", frontend.name);
    check_owner(frontend, names, node, path, unused.frontends[f], report);
    if (const Node* rules = node.find("use_backend")) {
      check_reach(frontend.use_backend, *rules, path_key(path, "use_backend"), report,
                  [](const UseBackend&) { return true; });
    }
  }
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    const Backend& backend = document.backends[b];
    const Node& node = root.find("backends")->children[b];
    const std::string path = path_key("backends", backend.name);
    check_owner(backend, names, node, path, unused.backends[b], report);
    for (const std::string_view key : {"force_persist", "ignore_persist"}) {
      const Node* condition = node.find(key);
      if (condition == nullptr || backend.http.cookie || !backend.use_server.empty()) continue;
      report.error(condition->key_position, path_key(path, key), "has no effect unless there is a cookie");
    }
  }
  check_changed_lists(document, root, report);
  return unused;
}

void warn_of_unused_acls(const Document& document, const UnusedAcls& unused, const Node& root,
                         Report& report) {
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    warn_of_unused_acls(unused.frontends[f], root.find("frontends")->children[f],
                        path_key("frontends", document.frontends[f].name), report);
  }
  for (std::size_t b = 0; b < document.backends.size(); ++b) {
    warn_of_unused_acls(unused.backends[b], root.find("backends")->children[b],
                        path_key("backends", document.backends[b].name), report);
  }
}

}  // namespace corelane::config
