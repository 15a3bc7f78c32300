// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "config/config.hpp"
#include "config/sections.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

/// The tables' accessors serve reading and writing; here they only read.
const void* member_of(const Field& field, const void* object) {
  return field.member(const_cast<void*>(object));
}

bool is_refused(const Field& field, const void* object) {
  return field.optional.refused != nullptr && field.optional.refused(const_cast<void*>(object));
}

bool is_written(const Field& field, const void* object) {
  if (field.input_only) return false;
  if (field.condition.holds != nullptr && !field.condition.holds(object)) return false;
  if (is_refused(field, object)) return true;
  if (field.is_optional() && !field.optional.present(object)) return false;
  if (field.is_list() && field.bounds.min > 0 && field.list.size(member_of(field, object)) == 0) return false;
  if (field.section != nullptr && field.section->absent != nullptr && !field.is_list())
    return !field.section->absent(member_of(field, object));
  const bool may_be_absent = field.default_text.empty() && !field.is_list() && field.section == nullptr;
  return !may_be_absent || field.type->absent == nullptr || !field.type->absent(member_of(field, object));
}

void write_element(const EncodeContext& context, const Field& field, const void* member, Json& value) {
  if (field.section != nullptr) {
    write_object(context, *field.section, member, value);
  } else {
    field.type->write(context, field, member, value);
  }
}

void write_list(const EncodeContext& context, const Field& field, const void* list, Json& value) {
  value = field.is_named() ? Json::object() : Json::array();
  for (std::size_t i = 0; i < field.list.size(list); ++i) {
    const void* element = field.list.at(list, i);
    Json& entry =
        field.is_named() ? value[field.list.name(const_cast<void*>(element))] : value.emplace_back();
    write_element(context, field, element, entry);
  }
}

}  // namespace

void write_object(const EncodeContext& context, const Section& section, const void* object, Json& value) {
  value = Json::object();
  for (const Field& field : section.fields) {
    if (!is_written(field, object)) continue;
    if (is_refused(field, object)) {
      value[std::string(field.key)] = false;
      continue;
    }
    const void* member = member_of(field, object);
    if (field.is_list()) {
      write_list(context, field, member, value[std::string(field.key)]);
    } else {
      write_element(context, field, member, value[std::string(field.key)]);
    }
  }
  const bool only_shorthand = value.size() == 1 && value.contains(section.shorthand);
  if (only_shorthand) value = Json(value.begin().value());
}

std::string dump(const Model& model) {
  Document document;
  document.global = model.global;
  document.frontends = model.frontends;
  document.errors = model.errors;
  document.user_lists = model.user_lists;
  for (const Backend& backend : model.backends) document.backends.push_back({backend, {}});
  Json value;
  write_object({model}, document_section, &document, value);
  return value.dump(2) + "\n";
}

}  // namespace corelane::config
