// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "config/model.hpp"
#include "rules/condition.hpp"
#include "rules/first_match.hpp"
#include "rules/template.hpp"
#include "sample/registry.hpp"
#include "sample/variables.hpp"

namespace corelane::config {

/// When a rule applies, made ready.
struct CompiledWhen {
  std::optional<rules::Condition> condition;  // none: always
  bool negated = false;

  unsigned needs() const noexcept { return condition ? condition->needs() : 0; }
  bool applies(const rules::Evaluation& evaluation) const {
    return !condition || condition->holds(evaluation) != negated;
  }
  /// Likewise; undecided where `condition` is.
  rules::Outcome judge(const rules::Evaluation& evaluation) const {
    if (!condition) return rules::Outcome::holds;
    const rules::Outcome outcome = condition->judge(evaluation);
    if (!negated || outcome == rules::Outcome::undecided) return outcome;
    return outcome == rules::Outcome::holds ? rules::Outcome::fails : rules::Outcome::holds;
  }
};

/// Of rules that have a `when`, stay where they are and live longer.
template <class Rule>
rules::FirstMatch first_match(const std::vector<Rule>& all) {
  std::vector<rules::FirstMatch::Rule> conditions;
  for (const Rule& rule : all)
    conditions.push_back({rule.when.condition ? &*rule.when.condition : nullptr, rule.when.negated});
  return rules::FirstMatch(std::move(conditions));
}

struct CompiledHeader {
  std::string_view name;  // in the model
  rules::Template value;
};

/// One rule of any list, made ready: what its action has no use for is empty.
struct CompiledRule {
  rules::Action action = rules::Action::deny;
  const Rule* rule = nullptr;  // in the model: what needs nothing made of it
  CompiledWhen when;
  rules::Template text;  // what is answered, where the client is sent, or the value of a field or variable
  RedirectTo redirect_to = RedirectTo::location;
  std::optional<sample::Expression> expression;  // track-sc: makes the key
  sample::Variable variable;
  std::unique_ptr<const re2::RE2> regex;
  std::vector<CompiledHeader> headers;
  rules::RuleList list = rules::RuleList::http_request;
  std::uint32_t table = 0;        // track-sc: its number
  rules::Template key;            // of an entry of a list that the rule changes
  std::uint32_t pattern_set = 0;  // that list's place
  std::uint32_t slot = 0;         // capture: its number; `variable` keeps what is captured
};

/// What a frontend or a backend says about rules, made ready for evaluation. The same for every lane; nothing
/// in it changes.
struct RuleSet {
  explicit RuleSet(const sample::Names& names) : acls(names) {}

  const std::vector<CompiledRule>& operator[](rules::RuleList list) const {
    return lists[static_cast<std::size_t>(list)];
  }

  rules::Acls acls;  // what the conditions refer to
  std::array<std::vector<CompiledRule>, rules::rule_list_count> lists;
};

struct FrontendRules : RuleSet {
  using RuleSet::RuleSet;

  struct UseBackend {
    std::uint32_t backend = no_index;
    CompiledWhen when;
    rules::Template name;  // instead of `backend`
  };

  /// no_index: no backend of the frontend's mode has this name.
  std::uint32_t find_backend(std::string_view name) const noexcept;

  std::vector<UseBackend> use_backend;
  rules::FirstMatch first_use_backend;                               // of those
  std::vector<std::pair<std::string_view, std::uint32_t>> backends;  // by name, where one is looked for
  std::optional<rules::Condition> monitor_fail;
  rules::Template unique_id;  // empty: there is none
};

/// One entry of `stick`, made ready.
struct CompiledStick {
  CompiledWhen when;
  sample::Expression key;
  std::uint32_t table = 0;
  bool matches = false;
  bool stores = false;
  std::uint32_t stored_at = 0;  // in BackendRules::stick_keys
};

struct BackendRules : RuleSet {
  using RuleSet::RuleSet;

  /// A key that is kept until its server is known, one for each table: `words` of it from `first` on.
  struct StickKey {
    std::uint32_t table = 0;
    std::uint32_t first = 0;
    std::uint32_t words = 0;
  };

  struct UseServer {
    std::uint32_t server = no_index;
    CompiledWhen when;
  };

  bool sticks() const noexcept { return !stick_on_request.empty() || !stick_on_response.empty(); }
  /// Words of all of stick_keys.
  std::uint32_t stick_words() const noexcept {
    return stick_keys.empty() ? 0 : stick_keys.back().first + stick_keys.back().words;
  }

  std::vector<UseServer> use_server;
  rules::FirstMatch first_use_server;  // of those
  std::vector<CompiledStick> stick_on_request;
  std::vector<CompiledStick> stick_on_response;
  std::vector<StickKey> stick_keys;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> servers_by_id;  // where something sticks
  std::optional<rules::Condition> force_persist;
  std::optional<rules::Condition> ignore_persist;
  /// What makes the name that a server is asked for (tls.sni).
  struct ServerName {
    sample::Expression expression;
    std::string constant;  // what it always makes; empty: that depends
  };
  /// Of each server; none of one that is not asked for any, and nothing here where no server is.
  std::vector<std::optional<ServerName>> server_names;
};

/// Where in a frontend's or a backend's object a text stands: the key of what holds it, where something does,
/// its key, what comes below (an ACL's name or a key of a rule) and the position in a list.
struct RulePlace {
  std::string_view key;
  std::string_view name = {};
  std::size_t index = 0;
  std::string_view group = {};
  std::size_t inner = 0;  // in the list below, where inner_name says what is meant of its entry
  std::string_view inner_name = {};
};
using RuleFaults = std::function<void(const RulePlace&, const sample::Fault&)>;

/// Every fault is told; rules without one are whole. Null where the frontend has none. Afterwards `names` is
/// not needed any more; `frontend` is.
std::unique_ptr<const FrontendRules> compile_rules(const Frontend& frontend, const sample::Names& names,
                                                   const RuleFaults& faults);
/// Likewise.
std::unique_ptr<const BackendRules> compile_rules(const Backend& backend, const sample::Names& names,
                                                  const RuleFaults& faults);

/// The expression of a server's tls.sni. With none in it, the fault says why.
sample::ExpressionRead read_server_name(const std::string& text, const sample::Names& names,
                                        const sample::Phase& phase);

/// The names that expressions refer to; `backends` are Backend or what derives from it. Without `patterns`
/// no file has a name.
template <class Backends>
sample::Names names_of(const std::vector<Frontend>& frontends, const Backends& backends,
                       sample::PatternSource* patterns = nullptr,
                       sample::VariableNames* variables = nullptr) {
  sample::Names names;
  names.patterns = patterns;
  names.variables = variables;
  for (const Frontend& frontend : frontends) names.frontends.push_back(frontend.name);
  for (const Backend& backend : backends) {
    sample::Names::Backend& entry = names.backends.emplace_back();
    entry.name = backend.name;
    entry.http = backend.mode == Mode::http;
    for (const Server& server : backend.servers) entry.servers.push_back(server.name);
  }
  const auto waits = [](const std::vector<Rule>& rules) {
    return std::any_of(rules.begin(), rules.end(),
                       [](const Rule& rule) { return rule.action == rules::Action::wait_for_body; });
  };
  const auto note = [&](const auto& owner) {
    names.request_bodies_kept |=
        owner.http.buffer_request || waits(owner.rules[rules::RuleList::http_request]);
    names.response_bodies_kept |= waits(owner.rules[rules::RuleList::http_response]);
  };
  std::for_each(frontends.begin(), frontends.end(), note);
  std::for_each(backends.begin(), backends.end(), note);
  for_each_table(frontends, backends, [&names](std::string_view name, const StickTable& table) {
    names.tables.push_back({name, table.shape()});
  });
  return names;
}

}  // namespace corelane::config
