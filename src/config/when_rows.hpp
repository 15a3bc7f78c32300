// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/row.hpp"
#include "config/values.hpp"

/// The rows `if` and `unless` of whatever applies under a condition: an object with a member `when`.
namespace corelane::config::row {

template <class Object, std::string When::*Member>
void* when_access(void* rule) {
  return &(static_cast<Object*>(rule)->when.*Member);
}

template <class Object, std::string When::*Member>
constexpr Field when_field(std::string_view key, std::string_view help) {
  Field field = row::value<Member>(key, as_condition, "", help);
  field.member = &when_access<Object, Member>;
  return field.with_note("always");
}

template <class Object>
inline constexpr Field if_field =
    when_field<Object, &When::if_true>("if", "The rule applies where this condition holds.");
template <class Object>
inline constexpr Field unless_field =
    when_field<Object, &When::unless>("unless", "The rule applies where this condition does not hold.");

/// Reports an object that has both, and leaves it with `if`.
void refuse_both(DecodeContext& context, const Node& node, const std::string& path, When& when);

}  // namespace corelane::config::row
