// SPDX-License-Identifier: Apache-2.0
// The part of the reference page that comes from the registries of rules and log lines.
#include <fmt/format.h>

#include "config/reference.hpp"
#include "logfmt/log_line.hpp"
#include "rules/action.hpp"
#include "rules/matcher.hpp"
#include "sample/registry.hpp"

namespace corelane::config {
namespace {

std::string_view phase_text(unsigned needs) {
  if ((needs & sample::need_content) != 0) return "mode tcp, and `tcp_request.content`";
  if ((needs & sample::need_server_content) != 0) return "`tcp_response.content`";
  if ((needs & sample::need_either_content) != 0) return "mode tcp, and rules of `content`";
  if ((needs & sample::need_response) != 0) return "responses";
  if ((needs & sample::need_head) != 0) return "mode http, and responses";
  if ((needs & sample::need_request) != 0) return "mode http";
  return "both modes";
}

/// A bar would end the cell of a table.
std::string cell(std::string_view help) {
  std::string text;
  for (const char c : help) {
    if (c == '|') text += '\\';
    text += c;
  }
  return text;
}

std::string fetches_text() {
  std::string text =
      "\n## Sample fetches\n\nWhat conditions look at. See rules.md for how they are written.\n\n"
      "| Fetch | It makes | Where | Meaning |\n| --- | --- | --- | --- |\n";
  for (const sample::FetchRow& row : sample::fetches()) {
    text += fmt::format("| `{}` | {} | {} | {} |\n",
                        sample::signature(row.name, row.arguments, row.arguments_min),
                        sample::type_text(row.output), phase_text(row.needs), cell(row.help));
  }
  return text;
}

std::string converters_text() {
  std::string text =
      "\n## Converters\n\nThey stand behind a fetch, after a comma, and change what it makes.\n\n"
      "| Converter | It takes | It makes | Meaning |\n| --- | --- | --- | --- |\n";
  for (const sample::ConverterRow& row : sample::converters()) {
    text += fmt::format("| `{}` | {} | {} | {} |\n",
                        sample::signature(row.name, row.arguments, row.arguments_min),
                        row.keeps_type ? "anything" : sample::type_text(row.input),
                        row.keeps_type ? "the same" : sample::type_text(row.output), cell(row.help));
  }
  return text;
}

std::string methods_text() {
  std::string text =
      "\n## Methods of matching\n\nHow a sample is compared with patterns: `-m` and the method's name, or "
      "for "
      "some the name behind\nthat of a fetch: `path_beg`, `hdr_sub(host)`.\n\n"
      "| Method | Behind a fetch | It compares | It holds where |\n| --- | --- | --- | --- |\n";
  for (const rules::MethodRow& row : rules::methods()) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", row.name, row.is_suffix ? "yes" : "no",
                        row.method == rules::Method::found ? "anything" : sample::type_text(row.wanted),
                        cell(row.help));
  }
  return text;
}

std::string actions_text() {
  std::string text =
      "\n## Actions\n\nWhat rules do, and the lists that they may do it in.\n\n"
      "| Action | Where | Its keys | What it does |\n| --- | --- | --- | --- |\n";
  for (const rules::ActionRow& row : rules::actions()) {
    std::string lists;
    for (const rules::RuleListRow& list : rules::rule_lists)
      if ((row.lists & rules::bit(list.list)) != 0)
        lists += fmt::format("{}`{}`", lists.empty() ? "" : ", ", list.name);
    std::string keys;
    for (unsigned i = 0; i < static_cast<unsigned>(rules::Parameter::count); ++i) {
      const auto parameter = static_cast<rules::Parameter>(i);
      if (row.knows(parameter))
        keys += fmt::format("{}`{}`", keys.empty() ? "" : ", ", rules::parameter_key(parameter));
    }
    text += fmt::format("| `{}` | {} | {} | {} |\n", row.name, lists, keys, cell(row.help));
  }
  return text;
}

std::string log_names_text() {
  std::string text =
      "\n## Names in log lines\n\nWhat `%NAME` stands for in `log_format`. See logs.md.\n\n"
      "| Name | Where | It stands for |\n| --- | --- | --- |\n";
  for (const auto& table : {logfmt::log_names(), logfmt::log_names_of_time()}) {
    for (const logfmt::LogName& row : table)
      text += fmt::format("| `%{}` | {} | {} |\n", row.name, row.http_only ? "mode http" : "both modes",
                          cell(row.help));
  }
  return text;
}

}  // namespace

std::string rules_reference() {
  return fetches_text() + converters_text() + methods_text() + actions_text() + log_names_text();
}

void add_rule_words(std::set<std::string>& words) {
  for (const sample::FetchRow& row : sample::fetches()) words.emplace(row.name);
  for (const sample::ConverterRow& row : sample::converters()) words.emplace(row.name);
  for (const rules::MethodRow& row : rules::methods()) words.emplace(row.name);
}

}  // namespace corelane::config
