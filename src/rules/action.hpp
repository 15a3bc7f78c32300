// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// What rules do.
namespace corelane::rules {

enum class Action : std::uint8_t { deny, answer, redirect, set_header, add_header, del_header };

/// Lists of rules that an action may stand in.
enum RuleList : unsigned { list_http_request = 1 };

struct ActionRow {
  std::string_view name;  // in the file
  Action action;
  unsigned lists = 0;    // bits of RuleList
  bool decides = false;  // no rule behind it is looked at
  std::string_view help;
};
/// In the order of Action.
std::span<const ActionRow> actions() noexcept;
const ActionRow& row_of(Action action) noexcept;

/// Whether rules may change this field: nothing that frames a message or is meant for one connection alone.
bool may_edit_field(std::string_view name) noexcept;

}  // namespace corelane::rules
