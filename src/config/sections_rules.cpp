// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"
#include "config/when_rows.hpp"

namespace corelane::config {
namespace {

using rules::Action;
using rules::Parameter;

/// "a, b or c".
std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::vector<std::string_view> action_names() {
  std::vector<std::string_view> names;
  for (const rules::ActionRow& row : rules::actions()) names.push_back(row.name);
  return names;
}

std::span<const std::string_view> action_words() {
  static const std::vector<std::string_view> names = action_names();
  return names;
}

/// {"deny": true} and {"set_header": ...}: what an action is called is no key.
std::string action_instead_of_key(std::string_view key) {
  std::string name(key);
  std::replace(name.begin(), name.end(), '_', '-');
  const std::span<const std::string_view> names = action_words();
  if (std::find(names.begin(), names.end(), name) == names.end()) return {};
  return "write \"action\": \"" + name + "\"";
}

template <Parameter parameter>
bool takes(const void* rule) {
  return rules::row_of(static_cast<const Rule*>(rule)->action).knows(parameter);
}

/// "the action is deny, return or redirect".
template <Parameter parameter>
std::string_view takers() {
  static const std::string text = [] {
    std::vector<std::string_view> names;
    for (const rules::ActionRow& row : rules::actions())
      if (row.knows(parameter)) names.push_back(row.name);
    return "the action is " + listed(names);
  }();
  return text;
}

template <Parameter parameter>
constexpr Condition taken{"action", takes<parameter>, "", takers<parameter>};

/// The row of a rule's key; most are texts.
template <Parameter parameter, auto Member>
constexpr Field parameter_field(TypeFor<typename row::MemberOf<decltype(Member)>::Type> type,
                                std::string_view help, std::string_view default_text = "", Bounds bounds = {},
                                Words words = nullptr) {
  return row::value<Member>(rules::parameter_key(parameter), type, default_text, help, bounds, words)
      .only_if(taken<parameter>);
}

constexpr Field rule_header_fields[] = {
    row::value<&RuleHeader::name>("name", as_token, "", "The field's name.").as_required(),
    row::value<&RuleHeader::value>("value", as_template, "", "Its value, with samples.").as_required(),
};
void finish_rule_header(DecodeContext& context, const Node& node, const std::string& path, void* object,
                        const void*) {
  const auto& header = *static_cast<const RuleHeader*>(object);
  if (header.name.empty() || rules::may_edit_field(header.name)) return;
  context.report.error(
      node.find("name")->position, path_key(path, "name"),
      fmt::format("{} frames the message or belongs to the connection: rules leave it alone", header.name));
}
const Section rule_header_section{
    .help = "A field of an answer.", .fields = rule_header_fields, .finish = finish_rule_header};

constexpr std::array<std::string_view, 5> name_methods{"str", "beg", "end", "sub", "reg"};

std::span<const std::string_view> name_method_words() {
  return name_methods;
}

std::span<const std::string_view> normalizer_words() {
  return rules::uri_normalizer_names;
}

constexpr std::array<std::string_view, 2> exchange_timeouts{"server", "tunnel"};
std::span<const std::string_view> exchange_timeout_words() {
  return exchange_timeouts;
}

/// A rule with a length has a slot of its own.
constexpr Condition slot_taken{"length",
                               [](const void* object) {
                                 const auto& rule = *static_cast<const Rule*>(object);
                                 return rule.action == Action::capture && rule.length == 0;
                               },
                               "the action is capture and there is no length"};

constexpr Field rule_fields[] = {
    row::value<&Rule::action>("action", as_word<Action>(), "", "What the rule does.", {}, action_words)
        .as_required(),
    row::if_field<Rule>,
    row::unless_field<Rule>,
    parameter_field<Parameter::status, &Rule::status>(as_count_or_zero, "The answer's status.", "0",
                                                      {100, 999})
        .with_note(
            "403 for deny, 502 for that of a response, 500 for tarpit, 200 for return, 302 for redirect"),
    parameter_field<Parameter::content_type, &Rule::content_type>(as_line, "The type of `string`.",
                                                                  "text/plain"),
    parameter_field<Parameter::file, &Rule::file>(
        as_line,
        "A file with what is answered, read at start; beside the configuration where its path is "
        "not absolute."),
    parameter_field<Parameter::lf_file, &Rule::lf_file>(as_line, "The same, with samples in it."),
    parameter_field<Parameter::error_file, &Rule::error_file>(
        as_line, "A file with a whole response, head included, as `error_files` has them."),
    parameter_field<Parameter::errors, &Rule::errors>(as_error_group_reference,
                                                      "A group of error files that has one for the status."),
    parameter_field<Parameter::string, &Rule::string>(as_content,
                                                      "What is answered, with samples: `Hello %[src]`.")
        .with_note("nothing"),
    parameter_field<Parameter::location, &Rule::location>(as_template, "A URI or a path, with samples."),
    parameter_field<Parameter::prefix, &Rule::prefix>(
        as_template, "What is put in front of the path and query, with samples."),
    parameter_field<Parameter::scheme, &Rule::scheme>(
        as_template, "What stands before `://`, the host and the path and query: `https`."),
    parameter_field<Parameter::name, &Rule::name>(as_line, "The name of a field, or of a variable."),
    parameter_field<Parameter::value, &Rule::value>(as_template,
                                                    "The value of a field or a variable, with samples."),
    parameter_field<Parameter::expression, &Rule::expression>(as_condition,
                                                              "A sample expression: `req.hdr(host),lower`."),
    parameter_field<Parameter::match, &Rule::match>(as_regex, "A regular expression."),
    parameter_field<Parameter::method, &Rule::method>(
        as_word<NameMethod>(), "How names are compared with `name`.", "str", {}, name_method_words),
    parameter_field<Parameter::reason, &Rule::reason>(as_line, "What stands behind the status.")
        .with_note("what is usual"),
    parameter_field<Parameter::enabled, &Rule::enabled>(as_boolean, "On or off.", "true"),
    row::objects<&Rule::headers>("headers", rule_header_section, "Fields of the answer.", {1, 64})
        .only_if(taken<Parameter::headers>),
    parameter_field<Parameter::set_cookie, &Rule::set_cookie>(
        as_line, "A cookie that the client gets with the answer: `NAME=VALUE`."),
    parameter_field<Parameter::clear_cookie, &Rule::clear_cookie>(as_token,
                                                                  "A cookie that the client is to forget."),
    parameter_field<Parameter::drop_query, &Rule::drop_query>(
        as_boolean, "Whether `prefix` and `scheme` leave the query out.", "false"),
    parameter_field<Parameter::append_slash, &Rule::append_slash>(
        as_boolean,
        "Whether a location that does not end with a slash gets one, where the query is left out.", "false"),
    parameter_field<Parameter::realm, &Rule::realm>(as_line, "What the client is told that it is asked for.")
        .with_note("the frontend's or backend's name"),
    parameter_field<Parameter::normalizer, &Rule::normalizer>(as_word<rules::UriNormalizer>(),
                                                              "The normal form.", "", {}, normalizer_words),
    parameter_field<Parameter::full, &Rule::full>(
        as_boolean, "path-strip-dotdot: whether it also removes what leads above the root.", "false"),
    parameter_field<Parameter::strict, &Rule::strict>(
        as_boolean, "percent-...: whether a percent sign without two digits is a fault.", "false"),
    parameter_field<Parameter::timeout, &Rule::timeout>(as_word<ExchangeTimeout>(), "Which time-out.", "", {},
                                                        exchange_timeout_words),
    parameter_field<Parameter::time, &Rule::time_ms>(as_duration, "How long.", "", {1, 86'400'000}),
    parameter_field<Parameter::level, &Rule::level>(as_word<LogLevel>(), "The level.", "", {},
                                                    rule_log_levels),
    parameter_field<Parameter::key, &Rule::key>(as_condition,
                                                "Of a stick counter: the expression that makes it, `src`. Of "
                                                "an entry of a list: a text with samples, "
                                                "`%[src]`."),
    parameter_field<Parameter::map, &Rule::map>(
        as_condition, "A map that some rule looks into: its file, as that rule names it."),
    parameter_field<Parameter::acl, &Rule::acl>(
        as_condition,
        "A list of patterns that some rule looks into: its file, as that rule names it, or its id."),
    parameter_field<Parameter::table, &Rule::table>(as_condition,
                                                    "The frontend or backend whose stick table it is.")
        .with_note("the rule's own"),
    parameter_field<Parameter::counter, &Rule::counter>(as_count, "A stick counter, 0 to 2.", "0", {0, 2}),
    parameter_field<Parameter::index, &Rule::index>(as_count, "The number of an array's element.", "0",
                                                    {0, 99}),
    parameter_field<Parameter::sample, &Rule::sample>(as_condition,
                                                      "A sample expression: `req.hdr(host),lower`."),
    parameter_field<Parameter::length, &Rule::length>(
        as_count_or_zero, "So many bytes of it at most, in a slot of its own.", "0", {1, 1024})
        .with_note("none: `slot`"),
    row::value<&Rule::slot>("slot", as_count, "0",
                            "The number of a captured field or slot of the frontend, from 0.", {0, 63})
        .only_if(slot_taken),
    parameter_field<Parameter::at_least, &Rule::at_least>(
        as_size, "So many bytes of the body are enough. 0: all of it.", "0", {0, rule_body_bytes_max}),
};

/// Statuses whose answers have no body.
bool is_bodiless(std::uint32_t status) {
  return status == 204 || status == 205 || status == 304;
}

/// What is wrong with an action's status; empty: nothing.
std::string status_fault(const Rule& rule) {
  const std::uint32_t status = rule.status;
  const std::span<const std::uint16_t> pages = error_page_statuses();
  const bool refuses = rule.action == Action::deny || rule.action == Action::tarpit;
  if (refuses && status != 0 && std::find(pages.begin(), pages.end(), status) == pages.end())
    return fmt::format("{} has no error page", status);
  const bool ends = rule.action == Action::set_status;
  if ((rule.action == Action::answer || ends) && status != 0 && (status < 200 || (status > 599 && !ends)))
    return fmt::format("{} is no status of an answer: expected 200 to {}", status, ends ? 999 : 599);
  if (rule.action == Action::answer && is_bodiless(status))
    return fmt::format("an answer with status {} has no body", status);
  if (rule.action == Action::redirect && (status < 301 || status > 308 || (status > 303 && status < 307)))
    return fmt::format("{} is no redirect: expected 301, 302, 303, 307 or 308", status);
  return "";
}

void check_redirect(DecodeContext& context, const Node& node, const std::string& path) {
  int given = 0;
  for (const std::string_view key : {"location", "prefix", "scheme"}) {
    const Node* child = node.find(key);
    if (child == nullptr || ++given < 2) continue;
    context.report.error(child->key_position, path_key(path, key), "one of location, prefix and scheme");
  }
  if (given == 0)
    context.report.error(node.position, path, "redirect needs one of the keys location, prefix and scheme");
}

constexpr std::string_view answer_sources[] = {"string", "file", "lf_file", "error_file", "errors"};

/// At most one of these keys may be there.
void check_one_of(DecodeContext& context, const Node& node, const std::string& path,
                  std::span<const std::string_view> keys) {
  bool given = false;
  for (const std::string_view key : keys) {
    const Node* child = node.find(key);
    if (child == nullptr) continue;
    if (given)
      context.report.error(child->key_position, path_key(path, key),
                           fmt::format("one of {}", listed({keys.begin(), keys.end()})));
    given = true;
  }
}

constexpr std::string_view content_type_default = "text/plain";

/// A whole response has its fields and its type.
void check_answer(DecodeContext& context, const Node& node, const std::string& path, const Rule& rule) {
  if (rule.error_file.empty() && rule.errors == no_index) return;
  for (const std::string_view key : {"headers", "content_type"}) {
    const Node* child = node.find(key);
    const bool said = key == "headers" ? !rule.headers.empty() : rule.content_type != content_type_default;
    if (child == nullptr || !said) continue;
    context.report.error(child->key_position, path_key(path, key),
                         "has no effect: an error file is a whole response, head included");
  }
}

/// Bytes of a slot of its own, or which slot.
void check_capture(DecodeContext& context, const Node& node, const std::string& path, const Rule& rule) {
  if (rule.length != 0 || node.find("slot") != nullptr) return;
  const Node* length = node.find("length");
  if (length == nullptr) {
    context.report.error(node.position, path, "capture needs one of the keys length and slot");
  } else if (length->kind == Node::Kind::integer && length->integer == 0) {
    context.report.error(length->position, path_key(path, "length"),
                         "keeps nothing: expected 1 to 1024, or the key slot");
  }
}

void check_named_field(DecodeContext& context, const Node& node, const std::string& path, const Rule& rule) {
  if (rule.name.empty() || rule.method != NameMethod::str) return;
  if (rules::may_edit_field(rule.name)) return;
  context.report.error(
      node.find("name")->position, path_key(path, "name"),
      fmt::format("{} frames the message or belongs to the connection: rules leave it alone", rule.name));
}

/// Marks and types of service are numbers, decimal or behind 0x.
void check_number(DecodeContext& context, const Node& node, const std::string& path, const Rule& rule) {
  if (rule.value.empty() || (rule.action != Action::set_mark && rule.action != Action::set_tos)) return;
  std::string_view text = rule.value;
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint32_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  const std::uint32_t number_max = rule.action == Action::set_tos ? 255 : UINT32_MAX;
  if (end.ec == std::errc() && end.ptr == text.data() + text.size() && number <= number_max) return;
  context.report.error(node.find("value")->position, path_key(path, "value"),
                       fmt::format("expected a number from 0 to {}, such as 0x20", number_max));
}

void check_needs(DecodeContext& context, const Node& node, const std::string& path,
                 const rules::ActionRow& row) {
  for (unsigned i = 0; i < static_cast<unsigned>(Parameter::count); ++i) {
    const auto parameter = static_cast<Parameter>(i);
    const std::string_view key = rules::parameter_key(parameter);
    if ((row.needs & bit(parameter)) == 0 || node.find(key) != nullptr) continue;
    context.report.error(node.position, path, fmt::format("the key \"{}\" is missing for {}", key, row.name));
  }
}

bool names_action(const Node& rule) {
  const Node* action = rule.find("action");
  return action != nullptr && std::any_of(rules::actions().begin(), rules::actions().end(),
                                          [action](const auto& row) { return row.name == action->text; });
}

void finish_rule(DecodeContext& context, const Node& node, const std::string& path, void* object,
                 const void*) {
  auto& rule = *static_cast<Rule*>(object);
  rule.line.number = node.position.line;
  row::refuse_both(context, node, path, rule.when);
  if (!names_action(node)) return;  // told already
  if (rule.status == 0 && rule.action == Action::answer) rule.status = 200;
  if (rule.status == 0 && rule.action == Action::tarpit) rule.status = 500;
  if (rule.status == 0 && rule.action == Action::redirect) rule.status = 302;
  const std::string fault = status_fault(rule);
  if (!fault.empty()) context.report.error(node.find("status")->position, path_key(path, "status"), fault);
  const rules::ActionRow& row = rules::row_of(rule.action);
  check_needs(context, node, path, row);
  if (rule.action == Action::redirect) check_redirect(context, node, path);
  check_one_of(context, node, path, answer_sources);
  if (rule.action == Action::capture) check_capture(context, node, path, rule);
  check_answer(context, node, path, rule);
  if (row.names == rules::Named::field) check_named_field(context, node, path, rule);
  check_number(context, node, path, rule);
}

}  // namespace

const Section rule_section{
    .help =
        "One rule; the rules of a list are looked at in their order. See [Actions](#actions) for where each "
        "action may stand.",
    .fields = rule_fields,
    .finish = finish_rule,
    .example = R"({"action": "deny", "if": "{ path_beg /admin }"})",
    .instead_of_key = action_instead_of_key};

/// The request is gone when there is a response.
static void refuse_redirect(DecodeContext& context, const Node& rule, const std::string& path,
                            bool on_response) {
  for (const std::string_view key : {"prefix", "scheme"}) {
    const Node* child = on_response ? rule.find(key) : nullptr;
    if (child == nullptr) continue;
    context.report.error(child->key_position, path_key(path, key),
                         "has no effect in http_response: a redirect there has a location");
  }
}

void check_rule_list(DecodeContext& context, const Node* list, const std::string& path,
                     std::vector<Rule>& rules, rules::RuleList where) {
  if (list == nullptr || list->kind != Node::Kind::array) return;
  const bool on_response = where == rules::RuleList::http_response;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action == Action::deny && rules[i].status == 0) rules[i].status = on_response ? 502 : 403;
    refuse_redirect(context, list->children[i], path_index(path, i), on_response);
    const Node* action = list->children[i].find("action");
    const rules::ActionRow& row = rules::row_of(rules[i].action);
    if (action == nullptr || action->text != row.name || (row.lists & bit(where)) != 0) continue;
    std::vector<std::string_view> homes;
    for (const rules::RuleListRow& other : rules::rule_lists)
      if ((row.lists & bit(other.list)) != 0) homes.push_back(other.name);
    context.report.error(action->position, path_key(path_index(path, i), "action"),
                         fmt::format("{} has no place in {}: it belongs in {}", row.name,
                                     rules::row_of(where).name, listed(homes)));
  }
}

void check_rules_of_group(DecodeContext& context, const Node& node, const std::string& path, RuleLists& rules,
                          std::string_view group) {
  for (const rules::RuleListRow& row : rules::rule_lists) {
    if (row.group != group) continue;
    check_rule_list(context, node.find(row.key), path_key(path, row.key), rules[row.list], row.list);
  }
}

void check_http_rules(DecodeContext& context, const Node& node, const std::string& path, RuleLists& rules) {
  check_rules_of_group(context, node, path, rules, "");
}

}  // namespace corelane::config
