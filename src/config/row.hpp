// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "config/field.hpp"

/// How tables are written: each function makes one row from a member of the model and what the file says
/// about it. A member that does not fit the row's type does not compile.
namespace corelane::config::row {

template <class>
struct MemberOf;
template <class T, class Object>
struct MemberOf<T Object::*> {
  using Type = T;
  using Owner = Object;
};

/// The address of `Member` inside an object of type Owner.
template <class Owner, auto Member>
void* member_access(void* object) {
  return &(static_cast<Owner*>(object)->*Member);
}

template <class T>
void* vector_append(void* list) {
  return &static_cast<std::vector<T>*>(list)->emplace_back();
}
template <class T>
std::size_t vector_size(const void* list) {
  return static_cast<const std::vector<T>*>(list)->size();
}
template <class T>
const void* vector_at(const void* list, std::size_t index) {
  return &(*static_cast<const std::vector<T>*>(list))[index];
}
template <class T>
void vector_clear(void* list) {
  static_cast<std::vector<T>*>(list)->clear();
}

/// A key with one value. Owner is the object of the table where Member belongs to a base of it.
template <auto Member, class Owner = typename MemberOf<decltype(Member)>::Owner>
constexpr Field value(std::string_view key, TypeFor<typename MemberOf<decltype(Member)>::Type> type,
                      std::string_view default_text, std::string_view help, Bounds bounds = {},
                      Words words = nullptr) {
  Field field;
  field.key = key;
  field.help = help;
  field.member = &member_access<Owner, Member>;
  field.type = type.type;
  field.default_text = default_text;
  field.bounds = bounds;
  field.words = words;
  return field;
}

/// A key whose value fills several members: its type is one for the whole object.
template <class Owner>
constexpr Field whole(std::string_view key, TypeFor<Owner> type, std::string_view default_text,
                      std::string_view help, Words words = nullptr) {
  Field field;
  field.key = key;
  field.help = help;
  field.member = [](void* object) { return object; };
  field.type = type.type;
  field.default_text = default_text;
  field.words = words;
  return field;
}

/// A key with an object.
template <auto Member, class Owner = typename MemberOf<decltype(Member)>::Owner>
constexpr Field object(std::string_view key, const Section& section, std::string_view help) {
  Field field;
  field.key = key;
  field.help = help;
  field.member = &member_access<Owner, Member>;
  field.section = &section;
  return field;
}

/// A key with an object that is there only where it is given: Member is a std::optional.
template <auto Member, class Owner = typename MemberOf<decltype(Member)>::Owner>
constexpr Field optional_object(std::string_view key, const Section& section, std::string_view help) {
  Field field;
  field.key = key;
  field.help = help;
  field.member = [](void* object) -> void* { return &*(static_cast<Owner*>(object)->*Member); };
  field.section = &section;
  field.optional = {
      [](void* object) -> void* { return &(static_cast<Owner*>(object)->*Member).emplace(); },
      [](const void* object) { return (static_cast<const Owner*>(object)->*Member).has_value(); },
      [](void* object) { (static_cast<Owner*>(object)->*Member).reset(); }};
  return field;
}

/// The same where `false` is not what an absent key means: Refused remembers it.
template <auto Member, auto Refused, class Owner = typename MemberOf<decltype(Member)>::Owner>
constexpr Field refusable_object(std::string_view key, const Section& section, std::string_view help) {
  Field field = optional_object<Member, Owner>(key, section, help);
  field.optional.reset = [](void* object) {
    (static_cast<Owner*>(object)->*Member).reset();
    static_cast<Owner*>(object)->*Refused = false;
  };
  field.optional.refused = [](void* object) -> bool& { return static_cast<Owner*>(object)->*Refused; };
  return field;
}

template <auto Member, class Owner>
constexpr Field list_base(std::string_view key, std::string_view help, Bounds items) {
  using Element = typename MemberOf<decltype(Member)>::Type::value_type;
  Field field;
  field.key = key;
  field.help = help;
  field.member = &member_access<Owner, Member>;
  field.list = {&vector_append<Element>, &vector_size<Element>, &vector_at<Element>, &vector_clear<Element>};
  field.bounds = items;
  return field;
}

/// A key with a list of objects.
template <auto Member, class Owner = typename MemberOf<decltype(Member)>::Owner>
constexpr Field objects(std::string_view key, const Section& section, std::string_view help, Bounds items) {
  Field field = list_base<Member, Owner>(key, help, items);
  field.section = &section;
  return field;
}

/// A key with an object whose keys are free names, each with an object of the section.
template <auto Member, class Owner = typename MemberOf<decltype(Member)>::Owner>
constexpr Field named_objects(std::string_view key, const Section& section, std::string_view help,
                              Bounds items) {
  using Element = typename MemberOf<decltype(Member)>::Type::value_type;
  Field field = objects<Member, Owner>(key, section, help, items);
  field.list.name = [](void* element) -> std::string& { return static_cast<Element*>(element)->name; };
  return field;
}

/// A key with a list of plain values.
template <auto Member, class Owner = typename MemberOf<decltype(Member)>::Owner>
constexpr Field values(std::string_view key,
                       TypeFor<typename MemberOf<decltype(Member)>::Type::value_type> type,
                       std::string_view help, Bounds items, Words words = nullptr) {
  Field field = list_base<Member, Owner>(key, help, items);
  field.type = type.type;
  field.words = words;
  return field;
}

}  // namespace corelane::config::row
