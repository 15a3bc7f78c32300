// SPDX-License-Identifier: Apache-2.0
#include "rules/action.hpp"

#include <array>

#include "proto/http_name.hpp"

namespace corelane::rules {
namespace {

constexpr std::array<ActionRow, 6> rows{{
    {"deny", Action::deny, list_http_request, true,
     "Refuses the request: its error page with `status`, 403."},
    {"return", Action::answer, list_http_request, true,
     "Answers with `status`, 200, and `string`, whose type is `content_type`."},
    {"redirect", Action::redirect, list_http_request, true,
     "Sends the client elsewhere with `status`, 302: to `location`, or to what it asked for behind `prefix` "
     "or "
     "with another `scheme`."},
    {"set-header", Action::set_header, list_http_request, false,
     "Sets the field `name` to `value`; it is there once then."},
    {"add-header", Action::add_header, list_http_request, false,
     "Adds a field `name` with `value` to those of this name."},
    {"del-header", Action::del_header, list_http_request, false, "Removes every field `name`."},
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
