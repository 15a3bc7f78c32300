// SPDX-License-Identifier: Apache-2.0
#include "config/frontend_rules.hpp"

#include <utility>

namespace corelane::config {
namespace {

class Compiler {
 public:
  Compiler(const Frontend& frontend, const sample::Names& names, const RuleFaults& faults)
      : frontend_(frontend),
        names_(names),
        faults_(faults),
        phase_(frontend.mode == Mode::http ? sample::phase_request : sample::phase_session),
        rules_(std::make_unique<FrontendRules>(names)) {}

  std::unique_ptr<const FrontendRules> compile() {
    for (const Acl& acl : frontend_.acls)
      for (std::size_t i = 0; i < acl.lines.size(); ++i) add_line(acl, i);
    for (std::size_t i = 0; i < frontend_.http.http_request.size(); ++i) add_http_rule(i);
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

  /// The rule's text that has samples in it, and its key. Redirects have one of three.
  static std::pair<std::string_view, const std::string*> text_of(const HttpRule& rule) {
    switch (rule.action) {
      case rules::Action::answer:
        return {"string", &rule.string};
      case rules::Action::redirect:
        if (!rule.location.empty()) return {"location", &rule.location};
        if (!rule.prefix.empty()) return {"prefix", &rule.prefix};
        return {"scheme", &rule.scheme};
      default:
        return {"value", &rule.value};
    }
  }

  void add_http_rule(std::size_t index) {
    const HttpRule& rule = frontend_.http.http_request[index];
    const auto [key, text] = text_of(rule);
    FrontendRules::HttpRule& compiled = rules_->http_request.emplace_back();
    compiled.action = rule.action;
    compiled.when = compile_when(rule.when, "http_request", index);
    compiled.status = static_cast<std::uint16_t>(rule.status);
    compiled.content_type = rule.content_type;
    compiled.name = rule.name;
    if (key == "prefix") compiled.redirect_to = RedirectTo::prefix;
    if (key == "scheme") compiled.redirect_to = RedirectTo::scheme;
    rules::TemplateRead read = rules::read_template(*text, names_, phase_);
    if (read.made) {
      compiled.text = std::move(*read.made);
    } else {
      faults_({.key = "http_request", .name = key, .index = index}, read.fault);
    }
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
  const sample::Names& names_;
  const RuleFaults& faults_;
  const sample::Phase& phase_;
  std::unique_ptr<FrontendRules> rules_;
};

}  // namespace

std::unique_ptr<const FrontendRules> compile_rules(const Frontend& frontend, const sample::Names& names,
                                                   const RuleFaults& faults) {
  if (frontend.acls.empty() && frontend.http.http_request.empty() && frontend.use_backend.empty() &&
      frontend.http.monitor_fail.empty())
    return nullptr;
  return Compiler(frontend, names, faults).compile();
}

}  // namespace corelane::config
