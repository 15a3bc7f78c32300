// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

Json describe_object(const Section& section);

Json describe_element(const Field& field) {
  if (field.section != nullptr) return describe_object(*field.section);
  Json schema = Json::object();
  field.type->describe(field, schema);
  return schema;
}

Json describe_list(const Field& field) {
  Json schema = Json::object();
  if (field.is_named()) {
    schema["type"] = "object";
    schema["minProperties"] = field.bounds.min;
    schema["maxProperties"] = field.bounds.max;
    schema["propertyNames"] = Json{{"pattern", name_pattern}};
    schema["additionalProperties"] = describe_element(field);
  } else {
    schema["type"] = "array";
    schema["minItems"] = field.bounds.min;
    schema["maxItems"] = field.bounds.max;
    schema["items"] = describe_element(field);
  }
  return schema;
}

Json default_value(const Field& field) {
  switch (field.type->spelling) {
    case Node::Kind::boolean:
      return field.default_text == "true";
    case Node::Kind::integer:
      return std::stoll(std::string(field.default_text));
    default:
      return field.default_text;
  }
}

Json describe_field(const Field& field) {
  Json schema = field.is_list() ? describe_list(field) : describe_element(field);
  std::string description(field.help);
  if (!field.default_note.empty()) description += fmt::format(" Default: {}.", field.default_note);
  if (field.condition.holds != nullptr) description += fmt::format(" Only if {}.", field.condition.text());
  schema["description"] = description;
  const bool has_default = !field.default_text.empty() && field.default_note.empty();
  if (has_default) schema["default"] = default_value(field);
  return schema;
}

Json describe_object(const Section& section) {
  Json schema = Json::object();
  schema["type"] = "object";
  schema["additionalProperties"] = false;
  Json required = Json::array();
  Json bare;
  for (const Field& field : section.fields) {
    schema["properties"][std::string(field.key)] = describe_field(field);
    if (field.required) required.push_back(field.key);
    if (field.key == section.shorthand) bare = describe_element(field);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  if (section.switchable) bare["type"] = "boolean";
  if (bare.is_null()) return schema;
  return Json{{"anyOf", Json::array({std::move(bare), std::move(schema)})}};
}

}  // namespace

std::string schema() {
  Json root = Json::object();
  root["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  root["title"] = "Corelane configuration";
  root.update(describe_object(document_section));
  return root.dump(2) + "\n";
}

}  // namespace corelane::config
