// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "rules/condition.hpp"
#include "rules/template.hpp"

namespace corelane::config {

/// When a rule applies, made ready.
struct CompiledWhen {
  std::optional<rules::Condition> condition;  // none: always
  bool negated = false;

  bool applies(const rules::Evaluation& evaluation) const {
    return !condition || condition->holds(evaluation) != negated;
  }
};

/// A frontend's rules, made ready for evaluation. The same for every lane; nothing in it changes.
struct FrontendRules {
  explicit FrontendRules(const sample::Names& names) : acls(names) {}

  struct UseBackend {
    std::uint32_t backend = no_index;
    CompiledWhen when;
  };

  struct HttpRule {
    rules::Action action = rules::Action::deny;
    CompiledWhen when;
    std::uint16_t status = 0;
    RedirectTo redirect_to = RedirectTo::location;
    rules::Template text;           // what is answered, where the client is sent, or the field's value
    std::string_view content_type;  // in the model, as the next
    std::string_view name;
  };

  rules::Acls acls;  // what the conditions refer to
  std::vector<HttpRule> http_request;
  std::vector<UseBackend> use_backend;
  std::optional<rules::Condition> monitor_fail;
};

/// Where in a frontend's object a text stands: its key, what comes below (an ACL's name or a key of a rule)
/// and the position in a list.
struct RulePlace {
  std::string_view key;
  std::string_view name = {};
  std::size_t index = 0;
};
using RuleFaults = std::function<void(const RulePlace&, const sample::Fault&)>;

/// Every fault is told; rules without one are whole. Null where the frontend has none. Afterwards `names` is
/// not needed any more; `frontend` is.
std::unique_ptr<const FrontendRules> compile_rules(const Frontend& frontend, const sample::Names& names,
                                                   const RuleFaults& faults);

/// The names that expressions refer to; `backends` are Backend or what derives from it. Without `patterns`
/// no file has a name.
template <class Backends>
sample::Names names_of(const std::vector<Frontend>& frontends, const Backends& backends,
                       sample::PatternSource* patterns = nullptr) {
  sample::Names names;
  names.patterns = patterns;
  for (const Frontend& frontend : frontends) names.frontends.push_back(frontend.name);
  for (const Backend& backend : backends) {
    sample::Names::Backend& entry = names.backends.emplace_back();
    entry.name = backend.name;
    for (const Server& server : backend.servers) entry.servers.push_back(server.name);
  }
  return names;
}

}  // namespace corelane::config
