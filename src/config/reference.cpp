// SPDX-License-Identifier: Apache-2.0
#include "config/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "balance/balancer.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::string_view introduction = R"(# The configuration file

<!-- Made from the field tables in src/config; changes here are overwritten. -->

The file is JSON. Comments (`// ...` and `/* ... */`) are allowed; duplicate keys and trailing commas are not. A key that
is unknown or has no effect where it stands is an error.

* A duration is a string of a whole number and a unit: `"250ms"`, `"5s"`, `"10m"`, `"1h"`, `"2d"`; `"0"` needs none.
* A size is a number of bytes or a string such as `"16k"`, `"1m"`, `"2g"` (multiples of 1024).
* A name is made of letters, digits and any of `_ . : -`.

`corelane check FILE` finds the faults of a file, `corelane dump FILE` prints it with every default, and
`corelane schema` prints the JSON Schema that editors complete and check with.
)";

void visit_below(const Section& section, const std::string& path,
                 const std::function<void(const Section&, const std::string&)>& visit) {
  visit(section, path);
  for (const Field& field : section.fields) {
    if (field.section == nullptr) continue;
    std::string child = path_key(path, field.key);
    if (field.is_list()) child += field.is_named() ? ".NAME" : "[]";
    visit_below(*field.section, child, visit);
  }
}

std::string words_text(const Field& field) {
  std::vector<std::string> words;
  for (std::string_view word : field.words()) words.push_back(fmt::format("`\"{}\"`", word));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string bounds_text(const Field& field) {
  const auto [min, max] = field.bounds;
  if (max == Bounds{}.max) return "";
  const std::string_view kind = field.type->name;
  if (kind.starts_with("duration"))
    return fmt::format(", {} to {}", base::duration_text(min), base::duration_text(max));
  if (kind != "size") return fmt::format(", {} to {}", min, max);
  return fmt::format(", {} to {}", base::size_text(static_cast<std::uint64_t>(min)),
                     base::size_text(static_cast<std::uint64_t>(max)));
}

std::string object_text(const Section& section) {
  if (section.switchable) return "boolean or object";
  for (const Field& field : section.fields) {
    if (field.key == section.shorthand)
      return field.type->spelling == Node::Kind::boolean ? "boolean or object" : "word or object";
  }
  return "object";
}

std::string words_form(const Field& field) {
  if (field.is_list()) return "list of ";
  return field.type == &word_set_type || field.type == &retry_on_type ? "one or a list of " : "";
}

std::string value_text(const Field& field) {
  if (field.section != nullptr) {
    if (field.is_list()) return field.is_named() ? "object of named objects" : "list of objects";
    return object_text(*field.section);
  }
  if (field.words != nullptr) return words_form(field) + words_text(field);
  if (field.is_list()) return fmt::format("list of {}", field.type->name);
  return std::string(field.type->name) + bounds_text(field);
}

std::string default_text(const Field& field) {
  if (field.required) return "required";
  if (!field.default_note.empty()) return std::string(field.default_note);
  if (field.default_text.empty()) return "";
  if (field.type->spelling != Node::Kind::string) return fmt::format("`{}`", field.default_text);
  return fmt::format("`\"{}\"`", field.default_text);
}

std::string row_text(const Field& field) {
  std::string help(field.help);
  if (field.condition.holds != nullptr) help += fmt::format(" Only if {}.", field.condition.text());
  return fmt::format("| `{}` | {} | {} | {} |\n", field.key, value_text(field), default_text(field), help);
}

std::string algorithms_text() {
  std::string text =
      "\n## The algorithms of `balance`\n\n| Algorithm | Which server it chooses |\n| --- | --- |\n";
  for (const balance::Algorithm& algorithm : balance::registry())
    text += fmt::format("| `{}` | {} |\n", algorithm.name, algorithm.help);
  return text;
}

}  // namespace

void visit_sections(const std::function<void(const Section&, const std::string& path)>& visit) {
  visit_below(document_section, "", visit);
}

std::vector<std::string> sections_with_key(std::string_view key) {
  std::vector<std::string> paths;
  visit_sections([&](const Section& section, const std::string& path) {
    const auto has_key = [key](const Field& field) { return field.key == key; };
    if (std::none_of(section.fields.begin(), section.fields.end(), has_key)) return;
    paths.push_back(path.empty() ? "the outermost object" : path);
  });
  return paths;
}

std::string reference_markdown() {
  std::string page(introduction);
  visit_sections([&page](const Section& section, const std::string& path) {
    const std::string title = path.empty() ? "The outermost object" : fmt::format("`{}`", path);
    page += fmt::format("\n## {}\n\n{}\n\n| Key | Value | Default | Meaning |\n| --- | --- | --- | --- |\n",
                        title, section.help);
    for (const Field& field : section.fields) page += row_text(field);
  });
  page += algorithms_text();
  page += rules_reference();
  return page;
}

std::vector<std::string> keywords() {
  std::set<std::string> words;
  visit_sections([&words](const Section& section, const std::string&) {
    for (const Field& field : section.fields) {
      words.emplace(field.key);
      if (field.words != nullptr) words.insert(field.words().begin(), field.words().end());
    }
  });
  add_rule_words(words);
  return {words.begin(), words.end()};
}

}  // namespace corelane::config
