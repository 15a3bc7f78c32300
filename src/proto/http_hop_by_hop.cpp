// SPDX-License-Identifier: Apache-2.0
// What does not pass a proxy (RFC 9110 7.6.1).
#include <array>

#include "proto/http_edit.hpp"
#include "proto/http_read.hpp"

namespace corelane::proto {
namespace {

/// The options of Connection that may name fields. More of them are an attack on those who look for each.
struct NamedFields {
  std::array<std::string_view, http_connection_options_max> names;
  std::size_t size = 0;
  bool too_many = false;

  bool has(std::string_view name) const {
    for (std::size_t i = 0; i < size; ++i)
      if (http_same_name(names[i], name)) return true;
    return false;
  }
};

NamedFields named_by_connection(const HttpFields& fields) {
  NamedFields named;
  for (const HttpField* field = fields.first(HttpName::connection); field != nullptr;
       field = fields.next(*field)) {
    std::string_view list = field->value;
    std::string_view option;
    while (http::next_element(list, option)) {
      if (option.empty() || http_same_name(option, "close") || http_same_name(option, "keep-alive")) continue;
      if (named.size == named.names.size()) {
        named.too_many = true;
        return named;
      }
      named.names[named.size++] = option;
    }
  }
  return named;
}

bool stays_although_named(HttpName name) {
  switch (name) {
    case HttpName::cookie:
    case HttpName::set_cookie:
    case HttpName::forwarded:
    case HttpName::x_forwarded_for:
    case HttpName::x_forwarded_proto:
    case HttpName::x_original_to:
    case HttpName::via:
    case HttpName::authorization:
      return true;
    default:
      return http_name_frames_or_routes(name);
  }
}

bool edit_te(const HttpField& field, HttpHeadEdits& edits) {
  if (http_same_name(field.value, "trailers")) return true;
  std::string_view list = field.value;
  std::string_view coding;
  while (http::next_element(list, coding))
    if (http_same_name(coding, "trailers")) return edits.replace(field.value, "trailers");
  return edits.remove(field);
}

bool edit_connection(const HttpHead& head, const HttpField& field, HttpHeadEdits& edits) {
  if (!head.upgrade || &field != head.fields.first(HttpName::connection)) return edits.remove(field);
  return http_same_name(field.value, "upgrade") || edits.replace(field.value, "upgrade");
}

}  // namespace

bool remove_hop_by_hop(const HttpHead& head, HttpHeadEdits& edits) noexcept {
  const NamedFields named = named_by_connection(head.fields);
  if (named.too_many) return false;
  for (const HttpField& field : head.fields) {
    bool edited = true;
    switch (field.known) {
      case HttpName::connection:
        edited = edit_connection(head, field, edits);
        break;
      case HttpName::te:
        edited = edit_te(field, edits);
        break;
      case HttpName::keep_alive:
      case HttpName::proxy_connection:
        edited = edits.remove(field);
        break;
      case HttpName::upgrade:
        edited = head.upgrade || edits.remove(field);
        break;
      default:
        if (named.has(field.name) && !stays_although_named(field.known)) edited = edits.remove(field);
        break;
    }
    if (!edited) return false;
  }
  return true;
}

}  // namespace corelane::proto
