// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/http_rows.hpp"

/// The rows of rules that frontends and backends share.
namespace corelane::config::row {

template <class Owner>
constexpr Field acls() {
  return value<&Owner::acls, Owner>("acls", as_acls, "",
                                    "Tests that conditions refer to by name; of a list one must hold. See "
                                    "docs/rules.md.")
      .with_note("none");
}

template <class Owner>
constexpr Field stick_table() {
  return optional_object<&Owner::stick_table, Owner>("stick_table", stick_table_section,
                                                     "What rules keep of clients. See docs/stick-tables.md.");
}

template <class Owner, rules::RuleList list>
void* rule_list_access(void* object) {
  return &static_cast<Owner*>(object)->rules[list];
}

template <class Owner, rules::RuleList list>
constexpr Field rule_list(std::string_view help) {
  Field field;
  field.key = rules::row_of(list).key;
  field.help = help;
  field.member = &rule_list_access<Owner, list>;
  field.list = {&vector_append<Rule>, &vector_size<Rule>, &vector_at<Rule>, &vector_clear<Rule>};
  field.bounds = {1, 4096};
  field.section = &rule_section;
  return field;
}

template <class Owner, rules::RuleList list>
constexpr Field http_rules(std::string_view help) {
  return in_http_mode<Owner>(rule_list<Owner, list>(help));
}

template <class Owner>
constexpr Field http_request() {
  return http_rules<Owner, rules::RuleList::http_request>(
      "Rules that refuse, answer, redirect and change requests. A backend's are looked at after those of the "
      "frontend, once it has been chosen.");
}

template <class Owner>
constexpr Field http_response() {
  return http_rules<Owner, rules::RuleList::http_response>(
      "Rules for responses of servers: they refuse, replace and change them. Those of the backend come "
      "first.");
}

template <class Owner>
constexpr Field http_after_response() {
  return http_rules<Owner, rules::RuleList::http_after_response>(
      "Rules for every response just before the client gets it, Corelane's own ones too. Those of the "
      "backend "
      "come first.");
}

// --- tcp_request: an object whose keys are its owner's

template <class Owner, rules::RuleList list>
bool inspects_content(const void* object) {
  return !static_cast<const Owner*>(object)->rules[list].empty();
}
template <class Owner, rules::RuleList list>
inline constexpr Condition inspecting_only{"content", inspects_content<Owner, list>,
                                           "there are content rules"};

template <class Owner>
constexpr Field tcp_request_content() {
  return rule_list<Owner, rules::RuleList::tcp_request_content>(
      "Rules about the bytes that a connection begins with. They are looked at at once, and again as "
      "bytes come, until one decides; see docs/rules.md. In mode http they are looked at for each request, "
      "as soon as its head has been read.");
}

template <class Owner>
constexpr Field inspect_delay() {
  return value<&Owner::inspect_delay_ms, Owner>(
             "inspect_delay", as_duration, "0",
             "How long content rules may wait for bytes that decide. 0: they are looked at once.",
             {0, 24 * 3600 * 1000})
      .only_if(inspecting_only<Owner, rules::RuleList::tcp_request_content>);
}

template <class Owner>
bool has_no_tcp_rules(const void* object) {
  const RuleLists& lists = static_cast<const Owner*>(object)->rules;
  return lists[rules::RuleList::tcp_request_connection].empty() &&
         lists[rules::RuleList::tcp_request_session].empty() &&
         lists[rules::RuleList::tcp_request_content].empty();
}

template <class Owner>
bool has_no_tcp_response_rules(const void* object) {
  return static_cast<const Owner*>(object)->rules[rules::RuleList::tcp_response_content].empty();
}

template <class Owner>
void finish_tcp_request(DecodeContext& context, const Node& node, const std::string& path, void* object,
                        const void*) {
  check_rules_of_group(context, node, path, static_cast<Owner*>(object)->rules, "tcp_request");
}

template <class Owner>
void finish_tcp_response(DecodeContext& context, const Node& node, const std::string& path, void* object,
                         const void*) {
  check_rules_of_group(context, node, path, static_cast<Owner*>(object)->rules, "tcp_response");
}

template <class Owner>
constexpr Field tcp_request(const Section& section) {
  Field field;
  field.key = "tcp_request";
  field.help = "Rules about connections and what they begin with.";
  field.member = [](void* owner) { return owner; };
  field.section = &section;
  return field;
}

template <class Owner>
constexpr Field tcp_response(const Section& section) {
  Field field = tcp_request<Owner>(section);
  field.key = "tcp_response";
  field.help = "Rules about what a server says first.";
  return field;
}

}  // namespace corelane::config::row
