// SPDX-License-Identifier: Apache-2.0
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

void refuse_both(DecodeContext& context, const Node& node, const std::string& path, void* object,
                 const void*) {
  const Node* unless = node.find("unless");
  if (unless == nullptr || node.find("if") == nullptr) return;
  context.report.error(unless->key_position, path_key(path, "unless"),
                       "one of if and unless: `!` turns a term of a condition round");
  static_cast<UseBackend*>(object)->when.unless.clear();
}

}  // namespace

const Section use_backend_section{.help =
                                      "A backend for some connections, or in mode http requests. The first "
                                      "rule that applies decides.",
                                  .fields = use_backend_fields,
                                  .finish = refuse_both};

}  // namespace corelane::config
