// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/cross_checks.hpp"
#include "config/frontend_rules.hpp"
#include "rules/pattern_sets.hpp"

namespace corelane::config {
namespace {

/// The text at a place, and its path; an ACL's only line may stand without a list.
const Node& find_text(const Node& frontend, const RulePlace& place, std::string& path) {
  const Node* node = &frontend;
  const auto enter_list = [&] {
    if (node->kind != Node::Kind::array) return;
    node = &node->children[place.index];
    path = path_index(path, place.index);
  };
  for (const std::string_view key : {place.key, place.name}) {
    if (key.empty()) continue;
    node = node->find(key);
    path = path_key(path, key);
    enter_list();
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

}  // namespace

UnusedAcls check_rules(const Document& document, const Node& root, Report& report) {
  UnusedAcls unused(document.frontends.size());
  const Node& frontends = *root.find("frontends");
  const sample::Names names =
      names_of(document.frontends, document.backends, document.pattern_files.sets.get());
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const Frontend& frontend = document.frontends[f];
    const Node& node = frontends.children[f];
    const std::string path = path_key("frontends", frontend.name);
    const auto tell = [&](const RulePlace& place, const sample::Fault& fault) {
      std::string where = path;
      const Node& text = find_text(node, place, where);
      report.error(position_in(text, fault.position), where, fault.message, {fault.allowed, fault.near_miss});
    };
    if (const auto rules = compile_rules(frontend, names, tell)) {
      const std::vector<std::string_view> of_frontend = rules->acls.unused();
      unused[f].assign(of_frontend.begin(), of_frontend.end());
    }
    if (const Node* rules = node.find("http_request")) {
      check_reach(frontend.http.http_request, *rules, path_key(path, "http_request"), report,
                  [](const HttpRule& rule) { return rules::row_of(rule.action).decides; });
    }
    if (const Node* rules = node.find("use_backend")) {
      check_reach(frontend.use_backend, *rules, path_key(path, "use_backend"), report,
                  [](const UseBackend&) { return true; });
    }
  }
  return unused;
}

void warn_of_unused_acls(const Document& document, const UnusedAcls& unused, const Node& root,
                         Report& report) {
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const std::string path = path_key(path_key("frontends", document.frontends[f].name), "acls");
    const Node& frontend = root.find("frontends")->children[f];
    for (const std::string& name : unused[f]) {
      report.warning(frontend.find("acls")->find(name)->key_position, path_key(path, name),
                     "no rule uses this ACL");
    }
  }
}

}  // namespace corelane::config
