// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proto/uri_normalize.hpp"
#include "rules/rule_list.hpp"

/// What rules do. An action is a row here and a function in proxy/actions.cpp.
namespace corelane::rules {

using proto::UriNormalizer;
inline constexpr std::span<const std::string_view> uri_normalizer_names = proto::uri_normalizer_names;

enum class Action : std::uint8_t {
  allow,
  deny,
  answer,
  redirect,
  set_header,
  add_header,
  del_header,
  set_var,
  set_var_fmt,
  unset_var,
  replace_header,
  replace_value,
  set_method,
  set_uri,
  set_path,
  set_pathq,
  set_query,
  replace_uri,
  replace_path,
  replace_pathq,
  set_status,
  strict_mode,
  tarpit,
  auth,
  normalize_uri,
  set_timeout,
  set_log_level,
  track_sc0,
  track_sc1,
  track_sc2,
  sc_inc_gpc,
  sc_inc_gpc0,
  sc_inc_gpc1,
  sc_add_gpc,
  sc_set_gpt,
  sc_set_gpt0,
  accept,
  reject,
  silent_drop,
  expect_proxy,
  set_src,
  set_src_port,
  set_dst,
  set_dst_port,
  set_mark,
  set_tos,
  set_map,
  del_map,
  add_acl,
  del_acl,
  capture,
  wait_for_body,
  pause,
  set_priority_class,
  set_priority_offset,
  early_hint,
  do_log,
  close,
  wait_for_handshake,
  count,
};
inline constexpr std::size_t action_count = static_cast<std::size_t>(Action::count);

/// The keys of a rule beside `action`, `if` and `unless`.
enum class Parameter : std::uint8_t {
  status,
  string,
  content_type,
  location,
  prefix,
  scheme,
  name,
  value,
  expression,
  match,
  method,
  reason,
  enabled,
  headers,
  set_cookie,
  clear_cookie,
  drop_query,
  append_slash,
  realm,
  normalizer,
  full,
  strict,
  timeout,
  time,
  level,
  key,
  table,
  counter,
  index,
  map,
  acl,
  file,
  lf_file,
  error_file,
  errors,
  sample,
  length,
  slot,
  at_least,
  count,
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Parameter::count)> parameter_keys{
    "status",     "string",       "content_type", "location",     "prefix",  "scheme",     "name",
    "value",      "expression",   "match",        "method",       "reason",  "enabled",    "headers",
    "set_cookie", "clear_cookie", "drop_query",   "append_slash", "realm",   "normalizer", "full",
    "strict",     "timeout",      "time",         "level",        "key",     "table",      "counter",
    "index",      "map",          "acl",          "file",         "lf_file", "error_file", "errors",
    "sample",     "length",       "slot",         "at_least"};
static_assert(!parameter_keys.back().empty());
/// The key of a parameter in the file.
constexpr std::string_view parameter_key(Parameter parameter) noexcept {
  return parameter_keys[static_cast<std::size_t>(parameter)];
}
/// As a bit of ActionRow::takes and needs.
constexpr std::uint64_t bit(Parameter parameter) noexcept {
  return std::uint64_t{1} << static_cast<unsigned>(parameter);
}

/// What an action's `name` names.
enum class Named : std::uint8_t { nothing, field, variable };

struct ActionRow {
  std::string_view name;  // in the file
  Action action = Action::allow;
  unsigned lists = 0;       // bits of RuleList
  std::uint64_t needs = 0;  // bits of Parameter that a rule has to give
  std::uint64_t takes = 0;  // those that it may give beside
  bool decides = false;     // no rule behind it is looked at
  Named names = Named::nothing;
  std::string_view help;

  constexpr bool knows(Parameter parameter) const noexcept { return ((needs | takes) & bit(parameter)) != 0; }
};
/// In the order of Action.
std::span<const ActionRow> actions() noexcept;
const ActionRow& row_of(Action action) noexcept;

/// Whether rules may change this field: nothing that frames a message or is meant for one connection alone.
bool may_edit_field(std::string_view name) noexcept;

}  // namespace corelane::rules
