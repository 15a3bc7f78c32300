// SPDX-License-Identifier: Apache-2.0
#include "config/frontend_rules.hpp"

#include <utility>

namespace corelane::config {
namespace {

class Compiler {
 public:
  Compiler(const Frontend& frontend, const sample::Names& names, const RuleFaults& faults)
      : frontend_(frontend),
        faults_(faults),
        phase_(frontend.mode == Mode::http ? sample::phase_request : sample::phase_session),
        rules_(std::make_unique<FrontendRules>(names)) {}

  std::unique_ptr<const FrontendRules> compile() {
    for (const Acl& acl : frontend_.acls)
      for (std::size_t i = 0; i < acl.lines.size(); ++i) add_line(acl, i);
    for (std::size_t i = 0; i < frontend_.use_backend.size(); ++i) {
      const UseBackend& rule = frontend_.use_backend[i];
      rules_->use_backend.push_back({rule.backend, compile_when(rule.when, "use_backend", i)});
    }
    if (!frontend_.http.monitor_fail.empty())
      rules_->monitor_fail = compile_condition(frontend_.http.monitor_fail, {.key = "monitor_fail"});
    return std::move(rules_);
  }

 private:
  void add_line(const Acl& acl, std::size_t index) {
    if (const auto fault = rules_->acls.add(acl.name, acl.lines[index]))
      faults_({.key = "acls", .name = acl.name, .index = index}, *fault);
  }

  CompiledWhen compile_when(const When& when, std::string_view key, std::size_t index) {
    if (when.if_true.empty() && when.unless.empty()) return {};
    const bool negated = when.if_true.empty();
    const RulePlace place{.key = key, .name = negated ? "unless" : "if", .index = index};
    return {compile_condition(negated ? when.unless : when.if_true, place), negated};
  }

  std::optional<rules::Condition> compile_condition(const std::string& text, const RulePlace& place) {
    rules::ConditionRead read = rules_->acls.read(text, phase_);
    if (!read.condition) faults_(place, read.fault);
    return std::move(read.condition);
  }

  const Frontend& frontend_;
  const RuleFaults& faults_;
  const sample::Phase& phase_;
  std::unique_ptr<FrontendRules> rules_;
};

}  // namespace

std::unique_ptr<const FrontendRules> compile_rules(const Frontend& frontend, const sample::Names& names,
                                                   const RuleFaults& faults) {
  if (frontend.acls.empty() && frontend.use_backend.empty() && frontend.http.monitor_fail.empty())
    return nullptr;
  return Compiler(frontend, names, faults).compile();
}

}  // namespace corelane::config
