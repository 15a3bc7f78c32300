// SPDX-License-Identifier: Apache-2.0
#include "config/frontend_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/near_miss.hpp"
#include "config/capture_slots.hpp"
#include "config/values.hpp"
#include "sample/arguments.hpp"
#include "sample/stick_view.hpp"

namespace corelane::config {
namespace {

using rules::Parameter;

/// Whether somebody keeps the bodies that a list is about: a bit of sample::Need, or none.
unsigned kept_body(rules::RuleList list, const sample::Names& names) {
  const bool kept = list == rules::RuleList::http_request    ? names.request_bodies_kept
                    : list == rules::RuleList::http_response ? names.response_bodies_kept
                                                             : false;
  return kept ? static_cast<unsigned>(sample::need_body) : 0U;
}

/// Where requests are looked at outside of lists.
sample::Phase request_phase(const sample::Names& names) {
  sample::Phase phase = sample::phase_request;
  phase.has |= kept_body(rules::RuleList::http_request, names);
  return phase;
}

/// Makes the rules of one frontend or backend ready.
class Compiler {
 public:
  /// `known` is what else there is than the phases of the lists say: bits of sample::Need.
  Compiler(RuleSet& set, const sample::Names& names, const RuleFaults& faults, unsigned known = 0)
      : set_(set), names_(names), faults_(faults), known_(known) {}

  /// Of a frontend: its rules may bring slots along behind those that there are without them.
  void number_slots(const Frontend& frontend) {
    const Capture& capture = frontend.http.capture;
    own_slots_ = {
        static_cast<std::uint32_t>(capture.request_headers.size() + capture.request_slots.size()),
        static_cast<std::uint32_t>(capture.response_headers.size() + capture.response_slots.size())};
  }

  void compile(const std::vector<Acl>& acls, const RuleLists& lists, Mode mode) {
    for (const Acl& acl : acls)
      for (std::size_t i = 0; i < acl.lines.size(); ++i) add_line(acl, i);
    for (rules::RuleListRow row : rules::rule_lists) {
      if (mode == Mode::http) row.phase = row.phase_in_http;
      row.phase.has |= known_ | kept_body(row.list, names_);
      for (std::size_t i = 0; i < lists[row.list].size(); ++i) add_rule(row, lists[row.list][i], i);
    }
  }

  CompiledWhen compile_when(const When& when, const sample::Phase& phase, RulePlace place) {
    if (when.if_true.empty() && when.unless.empty()) return {};
    const bool negated = when.if_true.empty();
    place.name = negated ? "unless" : "if";
    return {compile_condition(negated ? when.unless : when.if_true, phase, place), negated};
  }

  /// A text with samples in it.
  rules::Template compile_text(const std::string& text, const sample::Phase& phase, const RulePlace& place) {
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

  /// `phases` are those of requests and of responses.
  void compile_stick(const StickRule& rule, std::size_t index, const std::array<sample::Phase, 2>& phases,
                     BackendRules& made) {
    const std::pair<std::string_view, const std::string*> texts[] = {
        {"on", &rule.on},
        {"match", &rule.match},
        {"store_request", &rule.store_request},
        {"store_response", &rule.store_response}};
    for (const auto& [name, text] : texts) {
      if (text->empty()) continue;
      const bool on_response = name == "store_response";
      RulePlace place{.key = "stick", .index = index};
      CompiledWhen when = compile_when(rule.when, phases[on_response ? 1 : 0], place);
      place.name = name;
      std::optional<TableKey> key = compile_key(*text, rule.table, phases[on_response ? 1 : 0], place);
      if (!key) continue;
      CompiledStick compiled{std::move(when), std::move(key->expression), key->table};
      compiled.matches = name == "on" || name == "match";
      compiled.stores = name != "match";
      if (compiled.stores) compiled.stored_at = place_of_key(key->table, made);
      (on_response ? made.stick_on_response : made.stick_on_request).push_back(std::move(compiled));
    }
  }

  std::optional<rules::Condition> compile_condition(const std::string& text, const sample::Phase& phase,
                                                    const RulePlace& place) {
    rules::ConditionRead read = set_.acls.read(text, phase);
    if (!read.condition) faults_(place, read.fault);
    return std::move(read.condition);
  }

 private:
  /// In stick_keys: every table has one.
  std::uint32_t place_of_key(std::uint32_t table, BackendRules& made) const {
    std::vector<BackendRules::StickKey>& keys = made.stick_keys;
    const auto known = std::find_if(
        keys.begin(), keys.end(), [table](const BackendRules::StickKey& key) { return key.table == table; });
    const auto place = static_cast<std::uint32_t>(known - keys.begin());
    if (known == keys.end())
      keys.push_back({table, made.stick_words(), stick::key_words(names_.tables[table].shape)});
    return place;
  }

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
        if (!rule.lf_file.empty()) return {Parameter::lf_file, &rule.content.bytes};
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
    if (!read.made && parameter == Parameter::lf_file) {
      read.fault.message =
          fmt::format("{}, byte {}: {}", rule.lf_file, read.fault.position + 1, read.fault.message);
      read.fault.position = 0;
    }
    if (read.made) {
      compiled.text = std::move(*read.made);
    } else {
      faults_(place, read.fault);
    }
    if (rule.action == rules::Action::capture) find_slot(rule, row.list, place, compiled);
    for (std::size_t i = 0; i < rule.headers.size(); ++i)
      compile_header(rule.headers[i], row.phase, i, place, compiled);
    if (!rule.match.empty()) compile_regex(rule.match, Parameter::match, place, compiled);
    if (rule.method == NameMethod::reg) compile_regex("(?i)" + rule.name, Parameter::name, place, compiled);
    if (!rule.expression.empty())
      compile_expression(rule, rule.expression, Parameter::expression, row.phase, place, compiled);
    if (!rule.sample.empty())
      compile_expression(rule, rule.sample, Parameter::sample, row.phase, place, compiled);
    const rules::Named named = rules::row_of(rule.action).names;
    if (named == rules::Named::variable) compile_variable(rule, place, compiled);
    if (named == rules::Named::field && rule.method != NameMethod::reg && !is_token(rule.name))
      refuse(Parameter::name, place, fmt::format("\"{}\" is not the name of a field", rule.name));
    refuse_options(rule, place);
    refuse_normal_forms(rule, place);
    if (rule.realm.find('"') != std::string::npos)
      refuse(Parameter::realm, place, "a realm has no double quote in it");
    if (!rule.map.empty() || !rule.acl.empty()) {
      compile_change(rule, row.phase, place, compiled);
    } else if (!rule.key.empty()) {
      compile_tracking(rule, row.phase, place, compiled);
    }
  }

  /// The slot that a rule captures to.
  void find_slot(const Rule& rule, rules::RuleList list, const RulePlace& place, CompiledRule& compiled) {
    const bool behind = list == rules::RuleList::http_after_response;
    const bool of_response = behind || list == rules::RuleList::http_response;
    if (behind && rule.length != 0)
      return refuse(Parameter::length, place, "has no place here: name a slot of responses, with slot");
    compiled.slot = rule.length == 0 ? rule.slot : own_slots_[of_response ? 1 : 0]++;
    if (rule.length != 0 && own_slots_[of_response ? 1 : 0] == 0)
      return refuse(Parameter::length, place,
                    "has no place in a backend: name a slot that frontends declare in capture.request_slots "
                    "or capture.response_slots, with slot");
    if (names_.variables != nullptr)
      compiled.variable = *names_.variables->add(capture_variable(of_response, compiled.slot));
  }

  /// What an action takes of its expression.
  static sample::Type wanted_type(rules::Action action, sample::Type output) {
    using rules::Action;
    if (action == Action::set_src || action == Action::set_dst) return sample::Type::address;
    const bool number = action == Action::set_src_port || action == Action::set_dst_port ||
                        action == Action::set_priority_class || action == Action::set_priority_offset;
    return number ? sample::Type::sint : output;
  }

  /// None: that is told.
  std::optional<sample::Expression> read_expression(const std::string& text, const sample::Phase& phase,
                                                    const RulePlace& place) {
    sample::ExpressionRead read = sample::read_expression(text, names_);
    if (!read.expression) {
      faults_(place, read.fault);
      return std::nullopt;
    }
    const auto unmet = sample::unmet_need(read.expression->needs(), phase, read.expression->fetch_name(), 0);
    if (!unmet) return std::move(read.expression);
    faults_(place, *unmet);
    return std::nullopt;
  }

  void compile_expression(const Rule& rule, const std::string& text, Parameter parameter,
                          const sample::Phase& phase, RulePlace place, CompiledRule& compiled) {
    place.name = rules::parameter_key(parameter);
    std::optional<sample::Expression> expression = read_expression(text, phase, place);
    if (!expression) return;
    const sample::Type output = expression->output();
    const sample::Type wanted = wanted_type(rule.action, output);
    if (sample::castable(output, wanted)) {
      compiled.expression = std::move(expression);
    } else {
      faults_(place, {0,
                      fmt::format("expected {}, but this makes {}", sample::type_text(wanted),
                                  sample::type_text(output)),
                      {},
                      {}});
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

  /// A key of a table. None: what is wrong with it is told.
  struct TableKey {
    sample::Expression expression;
    std::uint32_t table = 0;
  };
  std::optional<TableKey> compile_key(const std::string& text, const std::string& table,
                                      const sample::Phase& phase, const RulePlace& place) {
    RulePlace table_place = place;
    table_place.name = rules::parameter_key(Parameter::table);
    std::optional<sample::Expression> expression = read_expression(text, phase, place);
    if (!expression) return std::nullopt;
    if (table.empty() && !names_.own_table) {
      faults_(place, {0, "there is no stick_table beside the rule: name one with table", {}, {}});
      return std::nullopt;
    }
    TableKey key{std::move(*expression), names_.own_table.value_or(0)};
    if (!table.empty()) {
      const sample::Fault fault = sample::find_table(names_, table, key.table);
      if (!fault.message.empty()) {
        faults_(table_place, fault);
        return std::nullopt;
      }
    }
    const stick::KeyType type = names_.tables[key.table].shape.key;
    if (sample::castable(key.expression.output(), sample::stick_key_sample(type))) return key;
    faults_(place, {0,
                    fmt::format("keys of {} are of type {}: {} is none", names_.tables[key.table].name,
                                stick::row_of(type).name, sample::type_text(key.expression.output())),
                    {},
                    {}});
    return std::nullopt;
  }

  void compile_tracking(const Rule& rule, const sample::Phase& phase, RulePlace place,
                        CompiledRule& compiled) {
    place.name = rules::parameter_key(Parameter::key);
    std::optional<TableKey> key = compile_key(rule.key, rule.table, phase, place);
    if (!key) return;
    compiled.expression = std::move(key->expression);
    compiled.table = key->table;
  }

  /// Whether there is such a list is known when all rules have been read.
  void compile_change(const Rule& rule, const sample::Phase& phase, RulePlace place, CompiledRule& compiled) {
    place.name = rules::parameter_key(Parameter::key);
    compiled.key = compile_text(rule.key, phase, place);
    if (names_.patterns == nullptr) return;
    compiled.pattern_set = names_.patterns->place_of(rule.map.empty() ? rule.acl : rule.map).value_or(0);
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

  /// The numbers of the next slots that rules bring along; UINT32_MAX: they may not.
  std::array<std::uint32_t, 2> own_slots_{UINT32_MAX, UINT32_MAX};
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

constexpr sample::Phase phase_named{"a TCP connection gets its unique id", sample::need_client};
constexpr sample::Phase phase_connected{
    "a TCP connection's server has been reached, and no rule of tcp_response.content waits for more",
    sample::need_client | sample::need_backend | sample::need_server | sample::need_server_connection};

/// Where a server becomes that of a key which its response has.
const sample::Phase& phase_of_response(const Backend& backend) {
  if (backend.mode == Mode::http) return sample::phase_response;
  const bool inspected = !backend.rules[rules::RuleList::tcp_response_content].empty();
  return inspected ? sample::phase_server_content : phase_connected;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> servers_by_id(const Backend& backend) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> servers;
  for (std::uint32_t i = 0; i < backend.servers.size(); ++i) servers.emplace_back(backend.servers[i].id, i);
  std::sort(servers.begin(), servers.end());
  return servers;
}

bool asks_for_name(const Server& server) {
  return server.tls && !server.tls->sni.empty();
}

/// The names as one owner's expressions see them.
template <class Owner>
sample::Names names_for(const Owner& owner, const sample::Names& names) {
  sample::Names own = names;
  for (std::uint32_t i = 0; i < names.tables.size(); ++i)
    if (owner.stick_table && names.tables[i].name == owner.name) own.own_table = i;
  if constexpr (requires { owner.http.capture; }) own.slots = capture_slots(owner).counts();
  return own;
}

}  // namespace

std::uint32_t FrontendRules::find_backend(std::string_view name) const noexcept {
  const auto found =
      std::lower_bound(backends.begin(), backends.end(), name,
                       [](const auto& entry, std::string_view text) { return entry.first < text; });
  return found != backends.end() && found->first == name ? found->second : no_index;
}

std::unique_ptr<const FrontendRules> compile_rules(const Frontend& frontend, const sample::Names& all_names,
                                                   const RuleFaults& faults) {
  if (frontend.acls.empty() && frontend.rules.empty() && frontend.use_backend.empty() &&
      frontend.http.monitor_fail.empty() && frontend.unique_id_format.empty())
    return nullptr;
  const sample::Names names = names_for(frontend, all_names);
  auto made = std::make_unique<FrontendRules>(names);
  Compiler compiler(*made, names, faults);
  compiler.number_slots(frontend);
  compiler.compile(frontend.acls, frontend.rules, frontend.mode);
  const sample::Phase phase = frontend.mode == Mode::http ? request_phase(names) : sample::phase_session;
  for (std::size_t i = 0; i < frontend.use_backend.size(); ++i) {
    const UseBackend& rule = frontend.use_backend[i];
    const RulePlace place{.key = "use_backend", .index = i};
    made->use_backend.push_back({rule.backend, compiler.compile_when(rule.when, phase, place), {}});
    if (rule.backend == no_index)
      made->use_backend.back().name =
          compiler.compile_text(rule.name, phase, {.key = place.key, .name = "backend", .index = i});
  }
  made->first_use_backend = first_match(made->use_backend);
  if (std::any_of(frontend.use_backend.begin(), frontend.use_backend.end(),
                  [](const UseBackend& rule) { return rule.backend == no_index; }))
    made->backends = backends_by_name(names, frontend.mode == Mode::http);
  if (!frontend.http.monitor_fail.empty()) {
    made->monitor_fail =
        compiler.compile_condition(frontend.http.monitor_fail, phase, {.key = "monitor_fail"});
  }
  if (!frontend.unique_id_format.empty()) {
    made->unique_id =
        compiler.compile_text(frontend.unique_id_format, frontend.mode == Mode::http ? phase : phase_named,
                              {.key = "unique_id_format"});
  }
  return made;
}

std::unique_ptr<const BackendRules> compile_rules(const Backend& backend, const sample::Names& all_names,
                                                  const RuleFaults& faults) {
  if (backend.acls.empty() && backend.rules.empty() && backend.use_server.empty() &&
      backend.http.force_persist.empty() && backend.http.ignore_persist.empty() && backend.stick.empty() &&
      std::none_of(backend.servers.begin(), backend.servers.end(), asks_for_name))
    return nullptr;
  const sample::Names names = names_for(backend, all_names);
  auto made = std::make_unique<BackendRules>(names);
  Compiler compiler(*made, names, faults, sample::need_backend);
  compiler.compile(backend.acls, backend.rules, backend.mode);
  sample::Phase phase = backend.mode == Mode::http ? request_phase(names) : sample::phase_session;
  phase.has |= sample::need_backend;
  for (std::size_t i = 0; i < backend.use_server.size(); ++i) {
    const UseServer& rule = backend.use_server[i];
    const RulePlace place{.key = "use_server", .index = i};
    made->use_server.push_back(
        {compiler.find_server(backend, rule.server, place), compiler.compile_when(rule.when, phase, place)});
  }
  made->first_use_server = first_match(made->use_server);
  const std::array<sample::Phase, 2> stick_phases{phase, phase_of_response(backend)};
  for (std::size_t i = 0; i < backend.stick.size(); ++i)
    compiler.compile_stick(backend.stick[i], i, stick_phases, *made);
  if (made->sticks()) made->servers_by_id = servers_by_id(backend);
  const auto condition = [&](const std::string& text, std::string_view key) {
    return text.empty() ? std::optional<rules::Condition>()
                        : compiler.compile_condition(text, phase, {.key = key});
  };
  made->force_persist = condition(backend.http.force_persist, "force_persist");
  made->ignore_persist = condition(backend.http.ignore_persist, "ignore_persist");
  phase.has |= sample::need_server;
  for (std::size_t i = 0; i < backend.servers.size(); ++i) {
    if (!asks_for_name(backend.servers[i])) continue;
    made->server_names.resize(backend.servers.size());
    const ServerTls& tls = *backend.servers[i].tls;
    sample::ExpressionRead read = read_server_name(tls.sni, names, phase);
    if (read.expression) made->server_names[i] = {std::move(*read.expression), tls.constant_sni()};
    if (!read.expression)
      faults({.key = "servers", .name = "tls", .index = i, .inner_name = "sni"}, read.fault);
  }
  return made;
}

}  // namespace corelane::config
