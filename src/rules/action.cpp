// SPDX-License-Identifier: Apache-2.0
#include "rules/action.hpp"

#include <array>
#include <cstddef>

#include "proto/http_name.hpp"

namespace corelane::rules {
namespace {

constexpr unsigned on_request = bit(RuleList::http_request);

template <class... Parameters>
constexpr std::uint64_t all(Parameters... parameters) {
  return (bit(parameters) | ... | 0);
}
using enum Parameter;

constexpr std::array<ActionRow, action_count> rows{{
    {.name = "allow",
     .action = Action::allow,
     .lists = http_lists,
     .decides = true,
     .help = "Ends the list: no rule behind it is looked at."},
    {.name = "deny",
     .action = Action::deny,
     .lists = on_request,
     .takes = all(status),
     .decides = true,
     .help = "Refuses the request: its error page with `status`, 403."},
    {.name = "return",
     .action = Action::answer,
     .lists = on_request,
     .takes = all(status, string, content_type),
     .decides = true,
     .help = "Answers with `status`, 200, and `string`, whose type is `content_type`."},
    {.name = "redirect",
     .action = Action::redirect,
     .lists = on_request,
     .takes = all(status, location, prefix, scheme),
     .decides = true,
     .help = "Sends the client elsewhere with `status`, 302: to `location`, or to what it asked for behind "
             "`prefix` or with another `scheme`."},
    {.name = "set-header",
     .action = Action::set_header,
     .lists = on_request,
     .needs = all(name, value),
     .names = Named::field,
     .help = "Sets the field `name` to `value`; it is there once then."},
    {.name = "add-header",
     .action = Action::add_header,
     .lists = on_request,
     .needs = all(name, value),
     .names = Named::field,
     .help = "Adds a field `name` with `value` to those of this name."},
    {.name = "del-header",
     .action = Action::del_header,
     .lists = on_request,
     .needs = all(name),
     .names = Named::field,
     .help = "Removes every field `name`."},
    {.name = "set-var",
     .action = Action::set_var,
     .lists = on_request,
     .needs = all(name, Parameter::expression),
     .names = Named::variable,
     .help = "Keeps what `expression` makes in the variable `name`, such as `txn.host`."},
    {.name = "set-var-fmt",
     .action = Action::set_var_fmt,
     .lists = on_request,
     .needs = all(name, value),
     .names = Named::variable,
     .help = "Keeps the text `value`, with its samples, in the variable `name`."},
    {.name = "unset-var",
     .action = Action::unset_var,
     .lists = on_request,
     .needs = all(name),
     .names = Named::variable,
     .help = "Forgets the variable `name`."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].action != static_cast<Action>(i)) return false;
    for (std::size_t k = 0; k < i; ++k)
      if (rows[k].name == rows[i].name) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const ActionRow> actions() noexcept {
  return rows;
}

const ActionRow& row_of(Action action) noexcept {
  return rows[static_cast<std::size_t>(action)];
}

bool may_edit_field(std::string_view name) noexcept {
  const proto::HttpName known = proto::http_name(name);
  return known == proto::HttpName::host || !proto::http_name_frames_or_routes(known);
}

}  // namespace corelane::rules
