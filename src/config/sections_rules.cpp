// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

template <class Rule, std::string When::*Member>
void* when_access(void* rule) {
  return &(static_cast<Rule*>(rule)->when.*Member);
}

template <class Rule, std::string When::*Member>
constexpr Field when_field(std::string_view key, std::string_view help) {
  Field field = row::value<Member>(key, as_condition, "", help);
  field.member = &when_access<Rule, Member>;
  return field.with_note("always");
}

template <class Rule>
constexpr Field if_field = when_field<Rule, &When::if_true>("if",
                                                            "The rule applies where this condition holds.");
template <class Rule>
constexpr Field unless_field =
    when_field<Rule, &When::unless>("unless", "The rule applies where this condition does not hold.");

constexpr Field use_backend_fields[] = {
    row::value<&UseBackend::backend>("backend", as_backend_reference, "", "Where it goes.").as_required(),
    if_field<UseBackend>,
    unless_field<UseBackend>,
};

// --- http_request

std::vector<std::string_view> action_names() {
  std::vector<std::string_view> names;
  for (const rules::ActionRow& row : rules::actions()) names.push_back(row.name);
  return names;
}

std::span<const std::string_view> action_words() {
  static const std::vector<std::string_view> names = action_names();
  return names;
}

template <rules::Action... actions>
bool acts(const void* rule) {
  const rules::Action action = static_cast<const HttpRule*>(rule)->action;
  return ((action == actions) || ...);
}

using rules::Action;
constexpr Condition with_status{"action", acts<Action::deny, Action::answer, Action::redirect>,
                                "the action is deny, return or redirect"};
constexpr Condition returns{"action", acts<Action::answer>, "the action is return"};
constexpr Condition redirects{"action", acts<Action::redirect>, "the action is redirect"};
constexpr Condition adds{"action", acts<Action::set_header, Action::add_header>,
                         "the action is set-header or add-header"};
constexpr Condition edits{"action", acts<Action::set_header, Action::add_header, Action::del_header>,
                          "the action is set-header, add-header or del-header"};

constexpr Field http_rule_fields[] = {
    row::value<&HttpRule::action>("action", as_word<Action>(), "", "What the rule does.", {}, action_words)
        .as_required(),
    if_field<HttpRule>,
    unless_field<HttpRule>,
    row::value<&HttpRule::status>("status", as_count_or_zero, "0", "The answer's status.", {200, 599})
        .with_note("403 for deny, 200 for return, 302 for redirect")
        .only_if(with_status),
    row::value<&HttpRule::content_type>("content_type", as_line, "text/plain", "The type of `string`.")
        .only_if(returns),
    row::value<&HttpRule::string>("string", as_content, "", "What is answered, with samples: `Hello %[src]`.")
        .with_note("nothing")
        .only_if(returns),
    row::value<&HttpRule::location>("location", as_template, "", "A URI or a path, with samples.")
        .only_if(redirects),
    row::value<&HttpRule::prefix>("prefix", as_template, "",
                                  "What is put in front of the path and query, with samples.")
        .only_if(redirects),
    row::value<&HttpRule::scheme>("scheme", as_template, "",
                                  "What stands before `://`, the host and the path and query: `https`.")
        .only_if(redirects),
    row::value<&HttpRule::name>("name", as_token, "", "The field's name.").only_if(edits),
    row::value<&HttpRule::value>("value", as_template, "", "The field's value, with samples.").only_if(adds),
};

void refuse_both(DecodeContext& context, const Node& node, const std::string& path, When& when) {
  const Node* unless = node.find("unless");
  if (unless == nullptr || node.find("if") == nullptr) return;
  context.report.error(unless->key_position, path_key(path, "unless"),
                       "one of if and unless: `!` turns a term of a condition round");
  when.unless.clear();
}

void finish_use_backend(DecodeContext& context, const Node& node, const std::string& path, void* object,
                        const void*) {
  refuse_both(context, node, path, static_cast<UseBackend*>(object)->when);
}

/// Statuses whose answers have no body.
bool is_bodiless(std::uint32_t status) {
  return status == 204 || status == 205 || status == 304;
}

/// What is wrong with an action's status; empty: nothing.
std::string status_fault(const HttpRule& rule) {
  const std::uint32_t status = rule.status;
  const std::span<const std::uint16_t> pages = error_page_statuses();
  if (rule.action == Action::deny && std::find(pages.begin(), pages.end(), status) == pages.end())
    return fmt::format("{} has no error page", status);
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

void check_field(DecodeContext& context, const Node& node, const std::string& path, const HttpRule& rule) {
  for (const std::string_view key : {"name", "value"}) {
    if (node.find(key) != nullptr || (key == "value" && rule.action == Action::del_header)) continue;
    context.report.error(
        node.position, path,
        fmt::format("the key \"{}\" is missing for {}", key, rules::row_of(rule.action).name));
  }
  if (rule.name.empty() || rules::may_edit_field(rule.name)) return;
  context.report.error(
      node.find("name")->position, path_key(path, "name"),
      fmt::format("{} frames the message or belongs to the connection: rules leave it alone", rule.name));
}

bool names_action(const Node& rule) {
  const Node* action = rule.find("action");
  return action != nullptr && std::any_of(rules::actions().begin(), rules::actions().end(),
                                          [action](const auto& row) { return row.name == action->text; });
}

void finish_http_rule(DecodeContext& context, const Node& node, const std::string& path, void* object,
                      const void*) {
  auto& rule = *static_cast<HttpRule*>(object);
  refuse_both(context, node, path, rule.when);
  if (!names_action(node)) return;  // told already
  if (rule.status == 0 && rule.action == Action::deny) rule.status = 403;
  if (rule.status == 0 && rule.action == Action::answer) rule.status = 200;
  if (rule.status == 0 && rule.action == Action::redirect) rule.status = 302;
  const std::string fault = status_fault(rule);
  if (!fault.empty()) context.report.error(node.find("status")->position, path_key(path, "status"), fault);
  if (rule.action == Action::redirect) check_redirect(context, node, path);
  if (acts<Action::set_header, Action::add_header, Action::del_header>(&rule))
    check_field(context, node, path, rule);
}

}  // namespace

const Section use_backend_section{.help =
                                      "A backend for some connections, or in mode http requests. The first "
                                      "rule that applies decides.",
                                  .fields = use_backend_fields,
                                  .finish = finish_use_backend};
const Section http_rule_section{
    .help = "What is done with a request before a backend is chosen; the rules are looked at in their order.",
    .fields = http_rule_fields,
    .finish = finish_http_rule};

}  // namespace corelane::config
