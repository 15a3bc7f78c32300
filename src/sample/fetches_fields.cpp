// SPDX-License-Identifier: Apache-2.0
// Samples of the request's fields.
#include <algorithm>

#include "proto/http_cookie.hpp"
#include "proto/http_tokens.hpp"
#include "sample/functions.hpp"
#include "sample/numbers.hpp"

namespace corelane::sample {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The values of a name, or of all names: of fields that are lists each element, or each field as it is.
class Values {
 public:
  Values(const proto::HttpFields& fields, const Argument& name, bool whole)
      : fields_(fields), name_(name), whole_(whole) {}

  bool next(Cursor& cursor, std::string_view& value) const {
    while (cursor.item == 0 || cursor.offset > fields_[cursor.item - 1].value.size()) {
      if (!next_field(cursor)) return false;
    }
    const std::string_view rest = fields_[cursor.item - 1].value.substr(cursor.offset);
    const std::size_t end = whole_ ? rest.size() : proto::http::element_end(rest);
    value = trimmed(rest.substr(0, end));
    cursor.offset += static_cast<std::uint32_t>(end + 1);
    return true;
  }

  std::int64_t count() const {
    Cursor cursor;
    std::string_view value;
    std::int64_t found = 0;
    while (next(cursor, value)) ++found;
    return found;
  }

  /// The one that is wanted: by its number from 1, or from -1 backwards.
  bool at(std::int64_t occurrence, std::string_view& value) const {
    if (occurrence < 0) occurrence += count() + 1;
    Cursor cursor;
    for (std::int64_t i = 0; i < occurrence; ++i)
      if (!next(cursor, value)) return false;
    return occurrence > 0;
  }

 private:
  bool is_wanted(const proto::HttpField& field) const {
    if (!name_.given()) return true;
    if (name_.field != proto::HttpName::other) return field.known == name_.field;
    return field.known == proto::HttpName::other && proto::http_same_name(field.name, name_.text);
  }

  bool next_field(Cursor& cursor) const {
    while (cursor.item < fields_.size()) {
      const proto::HttpField& field = fields_[cursor.item++];
      if (!is_wanted(field)) continue;
      cursor.offset = 0;
      return true;
    }
    return false;
  }

  const proto::HttpFields& fields_;
  const Argument& name_;
  bool whole_;
};

Values values_of(const Arguments& arguments, const Input& input, bool whole) {
  return {head_fields(input), arguments[0], whole};
}

bool take_value(const Values& values, const Argument& occurrence, Cursor& cursor, std::string_view& value) {
  if (occurrence.integer != 0) return values.at(occurrence.integer, value);
  if (!cursor.all) return values.at(-1, value);
  cursor.more = values.next(cursor, value);
  return cursor.more;
}

bool set_value(const Values& values, const Argument& occurrence, Cursor& cursor, Sample& sample) {
  std::string_view value;
  if (!take_value(values, occurrence, cursor, value)) return false;
  sample.set(value);
  return true;
}

/// The cookies of a name, one after the other: `item` is the field, `offset` how many of its cookies have
/// been looked at. A response's field is one cookie with what there is to say of it.
bool next_cookie(const Input& input, const Argument& name, Cursor& cursor, std::string_view& value) {
  const proto::HttpFields& fields = head_fields(input);
  const bool one_each = input.context.response != nullptr;
  const proto::HttpName carrier = one_each ? proto::HttpName::set_cookie : proto::HttpName::cookie;
  for (; cursor.item < fields.size(); ++cursor.item, cursor.offset = 0) {
    if (fields[cursor.item].known != carrier) continue;
    proto::HttpCookieReader reader(fields[cursor.item].value);
    proto::HttpCookie cookie;
    for (std::uint32_t number = 1; reader.next(cookie) && (number == 1 || !one_each); ++number) {
      if (number <= cursor.offset || !cookie.has_value) continue;
      if (name.given() && cookie.name != name.text) continue;
      cursor.offset = number;
      value = cookie.value;
      return true;
    }
  }
  return false;
}

bool take_cookie(const Arguments& arguments, const Input& input, Cursor& cursor, std::string_view& value) {
  cursor.more = next_cookie(input, arguments[0], cursor, value);
  if (!cursor.more || cursor.all) return cursor.more;
  while (arguments[0].given() && next_cookie(input, arguments[0], cursor, value)) {
  }
  cursor.more = false;
  return true;
}

/// "10.0.0.1", "10.0.0.1:80", "::1", "[::1]:80".
std::optional<base::Endpoint> address_in(std::string_view text) {
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    text = text.substr(0, text.find(']'));
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  return base::endpoint_from_ip(text, 0);
}

}  // namespace

const proto::HttpFields& head_fields(const Input& input) {
  const Context& context = input.context;
  return context.response != nullptr ? context.response->fields : context.request->fields;
}

bool fetch_header(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  return set_value(values_of(arguments, input, false), arguments[1], cursor, sample);
}

bool fetch_field(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  return set_value(values_of(arguments, input, true), arguments[1], cursor, sample);
}

// What is no address is passed over, where all are wanted.
bool fetch_header_ip(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  const Values values = values_of(arguments, input, false);
  std::string_view value;
  while (take_value(values, arguments[1], cursor, value)) {
    if (const auto address = address_in(value)) {
      sample.set(*address);
      return true;
    }
    if (!cursor.more) return false;
  }
  return false;
}

bool fetch_header_value(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  if (!set_value(values_of(arguments, input, false), arguments[1], cursor, sample)) return false;
  sample.set(leading_integer(sample.text));
  return true;
}

bool fetch_header_count(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  sample.set(values_of(arguments, input, false).count());
  return true;
}

bool fetch_field_count(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  sample.set(values_of(arguments, input, true).count());
  return true;
}

bool fetch_header_names(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  const proto::HttpFields& fields = head_fields(input);
  const std::string_view delimiter = arguments[0].given() ? std::string_view(arguments[0].text) : ",";
  std::size_t size = 0;
  for (const proto::HttpField& field : fields) size += field.name.size() + delimiter.size();
  char* text = input.arena.take(size);
  if (text == nullptr) return false;
  char* end = text;
  for (const proto::HttpField& field : fields) {
    if (end != text) end = std::copy(delimiter.begin(), delimiter.end(), end);
    end = std::transform(field.name.begin(), field.name.end(), end, lower_case);
  }
  sample.set(std::string_view(text, static_cast<std::size_t>(end - text)));
  return true;
}

bool fetch_cookie(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  std::string_view value;
  if (!take_cookie(arguments, input, cursor, value)) return false;
  sample.set(value);
  return true;
}

bool fetch_cookie_value(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  std::string_view value;
  if (!take_cookie(arguments, input, cursor, value)) return false;
  sample.set(leading_integer(value));
  return true;
}

bool fetch_cookie_count(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  Cursor cursor;
  std::string_view value;
  std::int64_t count = 0;
  while (next_cookie(input, arguments[0], cursor, value)) ++count;
  sample.set(count);
  return true;
}

}  // namespace corelane::sample
