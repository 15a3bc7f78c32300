// SPDX-License-Identifier: Apache-2.0
#include "config/frontend_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/near_miss.hpp"
#include "config/values.hpp"
#include "sample/arguments.hpp"
#include "sample/stick_view.hpp"

namespace corelane::config {
namespace {

using rules::Parameter;

/// Makes the rules of one frontend or backend ready.
class Compiler {
 public:
  /// `known` is what else there is than the phases of the lists say: bits of sample::Need.
  Compiler(RuleSet& set, const sample::Names& names, const RuleFaults& faults, unsigned known = 0)
      : set_(set), names_(names), faults_(faults), known_(known) {}

  void compile(const std::vector<Acl>& acls, const RuleLists& lists) {
    for (const Acl& acl : acls)
      for (std::size_t i = 0; i < acl.lines.size(); ++i) add_line(acl, i);
    for (rules::RuleListRow row : rules::rule_lists) {
      row.phase.has |= known_;
      for (std::size_t i = 0; i < lists[row.list].size(); ++i) add_rule(row, lists[row.list][i], i);
    }
  }

  CompiledWhen compile_when(const When& when, const sample::Phase& phase, RulePlace place) {
    if (when.if_true.empty() && when.unless.empty()) return {};
    const bool negated = when.if_true.empty();
    place.name = negated ? "unless" : "if";
    return {compile_condition(negated ? when.unless : when.if_true, phase, place), negated};
  }

  /// Of a backend, with samples in it.
  rules::Template compile_name(const std::string& text, const sample::Phase& phase, RulePlace place) {
    place.name = "backend";
    rules::TemplateRead read = rules::read_template(text, names_, phase);
    if (!read.made) faults_(place, read.fault);
    return read.made ? std::move(*read.made) : rules::Template();
  }

  /// A server's position in its backend.
  std::uint32_t find_server(const Backend& backend, const std::string& name, RulePlace place) {
    std::vector<std::string_view> known;
    for (const Server& server : backend.servers) known.push_back(server.name);
    const auto found = std::find(known.begin(), known.end(), name);
    if (found != known.end()) return static_cast<std::uint32_t>(found - known.begin());
    place.name = "server";
    sample::Fault fault{0, fmt::format("no server of {} is named \"{}\"", backend.name, name), {}, {}};
    fault.near_miss = base::near_miss(name, known);
    faults_(place, fault);
    return no_index;
  }

  std::optional<rules::Condition> compile_condition(const std::string& text, const sample::Phase& phase,
                                                    const RulePlace& place) {
    rules::ConditionRead read = set_.acls.read(text, phase);
    if (!read.condition) faults_(place, read.fault);
    return std::move(read.condition);
  }

 private:
  void add_line(const Acl& acl, std::size_t index) {
    if (const auto fault = set_.acls.add(acl.name, acl.lines[index]))
      faults_({.key = "acls", .name = acl.name, .index = index}, *fault);
  }

  /// The rule's text that has samples in it. Redirects have one of three.
  static std::pair<Parameter, const std::string*> text_of(const Rule& rule) {
    switch (rule.action) {
      case rules::Action::answer:
      case rules::Action::deny:
      case rules::Action::tarpit:
        return {Parameter::string, &rule.string};
      case rules::Action::redirect:
        if (!rule.location.empty()) return {Parameter::location, &rule.location};
        if (!rule.prefix.empty()) return {Parameter::prefix, &rule.prefix};
        return {Parameter::scheme, &rule.scheme};
      default:
        return {Parameter::value, &rule.value};
    }
  }

  void add_rule(const rules::RuleListRow& row, const Rule& rule, std::size_t index) {
    CompiledRule& compiled = set_.lists[static_cast<std::size_t>(row.list)].emplace_back();
    RulePlace place{.key = row.key, .index = index, .group = row.group};
    compiled.action = rule.action;
    compiled.rule = &rule;
    compiled.list = row.list;
    compiled.when = compile_when(rule.when, row.phase, place);
    const auto [parameter, text] = text_of(rule);
    if (parameter == Parameter::prefix) compiled.redirect_to = RedirectTo::prefix;
    if (parameter == Parameter::scheme) compiled.redirect_to = RedirectTo::scheme;
    place.name = rules::parameter_key(parameter);
    rules::TemplateRead read = rules::read_template(*text, names_, row.phase);
    if (read.made) {
      compiled.text = std::move(*read.made);
    } else {
      faults_(place, read.fault);
    }
    for (std::size_t i = 0; i < rule.headers.size(); ++i)
      compile_header(rule.headers[i], row.phase, i, place, compiled);
    if (!rule.match.empty()) compile_regex(rule.match, Parameter::match, place, compiled);
    if (rule.method == NameMethod::reg) compile_regex("(?i)" + rule.name, Parameter::name, place, compiled);
    if (!rule.expression.empty())
      compile_expression(rule, Parameter::expression, rule.expression, row.phase, place, compiled);
    const rules::Named named = rules::row_of(rule.action).names;
    if (named == rules::Named::variable) compile_variable(rule, place, compiled);
    if (named == rules::Named::field && rule.method != NameMethod::reg && !is_token(rule.name))
      refuse(Parameter::name, place, fmt::format("\"{}\" is not the name of a field", rule.name));
    refuse_options(rule, place);
    refuse_normal_forms(rule, place);
    if (rule.realm.find('"') != std::string::npos)
      refuse(Parameter::realm, place, "a realm has no double quote in it");
    if (!rule.key.empty()) compile_tracking(rule, row.phase, place, compiled);
  }

  /// What an action takes of its expression.
  static sample::Type wanted_type(rules::Action action, sample::Type output) {
    using rules::Action;
    if (action == Action::set_src || action == Action::set_dst) return sample::Type::address;
    return action == Action::set_src_port || action == Action::set_dst_port ? sample::Type::sint : output;
  }

  void compile_expression(const Rule& rule, Parameter parameter, const std::string& text,
                          const sample::Phase& phase, RulePlace place, CompiledRule& compiled) {
    place.name = rules::parameter_key(parameter);
    sample::ExpressionRead read = sample::read_expression(text, names_);
    if (read.expression) {
      const auto unmet =
          sample::unmet_need(read.expression->needs(), phase, read.expression->fetch_name(), 0);
      if (unmet) return faults_(place, *unmet);
      const sample::Type output = read.expression->output();
      const sample::Type wanted = wanted_type(rule.action, output);
      if (!sample::castable(output, wanted)) {
        return faults_(place, {0,
                               fmt::format("expected {}, but this makes {}", sample::type_text(wanted),
                                           sample::type_text(output)),
                               {},
                               {}});
      }
      compiled.expression = std::move(read.expression);
    } else {
      faults_(place, read.fault);
    }
  }

  void compile_header(const RuleHeader& header, const sample::Phase& phase, std::size_t index,
                      RulePlace place, CompiledRule& compiled) {
    place.name = rules::parameter_key(Parameter::headers);
    place.inner = index;
    place.inner_name = "value";
    rules::TemplateRead read = rules::read_template(header.value, names_, phase);
    if (!read.made) return faults_(place, read.fault);
    compiled.headers.push_back({header.name, std::move(*read.made)});
  }

  /// Of a redirect, where other keys leave them no meaning.
  void refuse_options(const Rule& rule, const RulePlace& place) {
    if (rule.drop_query && !rule.location.empty())
      refuse(Parameter::drop_query, place, "has no effect: a location has the query that it says");
    if (rule.append_slash && !rule.drop_query)
      refuse(Parameter::append_slash, place, "has no effect unless drop_query is true");
    if (!rule.set_cookie.empty() && !rule.clear_cookie.empty())
      refuse(Parameter::clear_cookie, place, "one of set_cookie and clear_cookie");
  }

  void refuse_normal_forms(const Rule& rule, const RulePlace& place) {
    using rules::UriNormalizer;
    if (rule.full && rule.normalizer != UriNormalizer::path_strip_dotdot)
      refuse(Parameter::full, place, "has no effect unless the normalizer is path-strip-dotdot");
    const bool percent = rule.normalizer == UriNormalizer::percent_to_uppercase ||
                         rule.normalizer == UriNormalizer::percent_decode_unreserved;
    if (rule.strict && !percent) {
      refuse(Parameter::strict, place,
             "has no effect unless the normalizer is percent-to-uppercase or percent-decode-unreserved");
    }
  }

  void refuse(Parameter parameter, RulePlace place, std::string message) {
    place.name = rules::parameter_key(parameter);
    faults_(place, {0, std::move(message), {}, {}});
  }

  void compile_regex(const std::string& text, Parameter parameter, RulePlace place, CompiledRule& compiled) {
    place.name = rules::parameter_key(parameter);
    sample::Argument argument;
    const sample::Fault fault = sample::make_argument(sample::ArgumentKind::regex, text, names_, argument);
    if (!fault.message.empty()) return faults_(place, fault);
    compiled.regex = std::move(argument.regex);
  }

  void compile_tracking(const Rule& rule, const sample::Phase& phase, RulePlace place,
                        CompiledRule& compiled) {
    compile_expression(rule, Parameter::key, rule.key, phase, place, compiled);
    if (rule.table.empty() && !names_.own_table) {
      place.name = rules::parameter_key(Parameter::key);
      return faults_(place, {0, "there is no stick_table beside the rule: name one with table", {}, {}});
    }
    compiled.table = names_.own_table.value_or(0);
    if (!rule.table.empty()) {
      place.name = rules::parameter_key(Parameter::table);
      sample::Fault fault = sample::find_table(names_, rule.table, compiled.table);
      if (!fault.message.empty()) return faults_(place, fault);
    }
    const stick::KeyType key = names_.tables[compiled.table].shape.key;
    if (!compiled.expression ||
        sample::castable(compiled.expression->output(), sample::stick_key_sample(key)))
      return;
    place.name = rules::parameter_key(Parameter::key);
    faults_(place, {0,
                    fmt::format("keys of {} are of type {}: {} is none", names_.tables[compiled.table].name,
                                stick::row_of(key).name, sample::type_text(compiled.expression->output())),
                    {},
                    {}});
  }

  void compile_variable(const Rule& rule, RulePlace place, CompiledRule& compiled) {
    place.name = rules::parameter_key(Parameter::name);
    const auto variable =
        names_.variables != nullptr ? names_.variables->add(rule.name) : std::optional<sample::Variable>();
    if (variable) {
      compiled.variable = *variable;
    } else {
      faults_(
          place,
          {0, fmt::format("\"{}\" is no variable: expected {}", rule.name, sample::variable_form), {}, {}});
    }
  }

  RuleSet& set_;
  const sample::Names& names_;
  const RuleFaults& faults_;
  unsigned known_;
};

std::vector<std::pair<std::string_view, std::uint32_t>> backends_by_name(const sample::Names& names,
                                                                         bool http) {
  std::vector<std::pair<std::string_view, std::uint32_t>> backends;
  for (std::uint32_t b = 0; b < names.backends.size(); ++b)
    if (names.backends[b].http == http) backends.emplace_back(names.backends[b].name, b);
  std::sort(backends.begin(), backends.end());
  return backends;
}

}  // namespace

std::uint32_t FrontendRules::find_backend(std::string_view name) const noexcept {
  const auto found =
      std::lower_bound(backends.begin(), backends.end(), name,
                       [](const auto& entry, std::string_view text) { return entry.first < text; });
  return found != backends.end() && found->first == name ? found->second : no_index;
}

namespace {

/// The names as one owner's expressions see them.
template <class Owner>
sample::Names names_for(const Owner& owner, const sample::Names& names) {
  sample::Names own = names;
  for (std::uint32_t i = 0; i < names.tables.size(); ++i)
    if (owner.stick_table && names.tables[i].name == owner.name) own.own_table = i;
  return own;
}

}  // namespace

std::unique_ptr<const FrontendRules> compile_rules(const Frontend& frontend, const sample::Names& all_names,
                                                   const RuleFaults& faults) {
  if (frontend.acls.empty() && frontend.rules.empty() && frontend.use_backend.empty() &&
      frontend.http.monitor_fail.empty())
    return nullptr;
  const sample::Names names = names_for(frontend, all_names);
  auto made = std::make_unique<FrontendRules>(names);
  Compiler compiler(*made, names, faults);
  compiler.compile(frontend.acls, frontend.rules);
  const sample::Phase& phase = frontend.mode == Mode::http ? sample::phase_request : sample::phase_session;
  for (std::size_t i = 0; i < frontend.use_backend.size(); ++i) {
    const UseBackend& rule = frontend.use_backend[i];
    const RulePlace place{.key = "use_backend", .index = i};
    made->use_backend.push_back({rule.backend, compiler.compile_when(rule.when, phase, place), {}});
    if (rule.backend == no_index)
      made->use_backend.back().name = compiler.compile_name(rule.name, phase, place);
  }
  if (std::any_of(frontend.use_backend.begin(), frontend.use_backend.end(),
                  [](const UseBackend& rule) { return rule.backend == no_index; }))
    made->backends = backends_by_name(names, frontend.mode == Mode::http);
  if (!frontend.http.monitor_fail.empty()) {
    made->monitor_fail =
        compiler.compile_condition(frontend.http.monitor_fail, phase, {.key = "monitor_fail"});
  }
  return made;
}

std::unique_ptr<const BackendRules> compile_rules(const Backend& backend, const sample::Names& all_names,
                                                  const RuleFaults& faults) {
  if (backend.acls.empty() && backend.rules.empty() && backend.use_server.empty() &&
      backend.http.force_persist.empty() && backend.http.ignore_persist.empty())
    return nullptr;
  const sample::Names names = names_for(backend, all_names);
  auto made = std::make_unique<BackendRules>(names);
  Compiler compiler(*made, names, faults, sample::need_backend);
  compiler.compile(backend.acls, backend.rules);
  sample::Phase phase = backend.mode == Mode::http ? sample::phase_request : sample::phase_session;
  phase.has |= sample::need_backend;
  for (std::size_t i = 0; i < backend.use_server.size(); ++i) {
    const UseServer& rule = backend.use_server[i];
    const RulePlace place{.key = "use_server", .index = i};
    made->use_server.push_back(
        {compiler.find_server(backend, rule.server, place), compiler.compile_when(rule.when, phase, place)});
  }
  const auto condition = [&](const std::string& text, std::string_view key) {
    return text.empty() ? std::optional<rules::Condition>()
                        : compiler.compile_condition(text, phase, {.key = key});
  };
  made->force_persist = condition(backend.http.force_persist, "force_persist");
  made->ignore_persist = condition(backend.http.ignore_persist, "ignore_persist");
  return made;
}

}  // namespace corelane::config
