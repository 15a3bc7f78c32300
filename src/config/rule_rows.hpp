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
constexpr Field http_rules(std::string_view help) {
  Field field;
  field.key = rules::row_of(list).key;
  field.help = help;
  field.member = &rule_list_access<Owner, list>;
  field.list = {&vector_append<Rule>, &vector_size<Rule>, &vector_at<Rule>, &vector_clear<Rule>};
  field.bounds = {1, 4096};
  field.section = &rule_section;
  return in_http_mode<Owner>(field);
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

}  // namespace corelane::config::row
