// SPDX-License-Identifier: Apache-2.0
// The fields of a head (RFC 9112 5).
#include <algorithm>

#include "proto/http_read.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto::http {
namespace {

/// One field line, from its name to behind its CRLF.
Step read_field(const char* at, const char* end, const HttpReadOptions& options, HttpField& field) {
  const bool lax_name = http_accepts(options.accept_invalid, HttpLaxity::characters_in_names);
  const char* const name_end = skip(at, end, lax_name ? visible : token);
  if (name_end == end) return need_more;
  if (*name_end != ':' || name_end == at) return fault(name_end, field_name_fault(*name_end));
  const char* value = name_end + 1;
  while (value != end && (*value == ' ' || *value == '\t')) ++value;
  const bool lax_value = http_accepts(options.accept_invalid, HttpLaxity::control_in_values);
  const char* value_end = skip_field_value(value, end, lax_value);
  const Step line_end = read_line_end(value_end, end, HttpError::control_character);
  if (!line_end.done()) return line_end;
  while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
  field.name = {at, static_cast<std::size_t>(name_end - at)};
  field.value = {value, static_cast<std::size_t>(value_end - value)};
  field.line = {at, static_cast<std::size_t>(line_end.at - at)};
  field.known = http_name(field.name);
  return line_end;
}

}  // namespace

Step read_fields(const char* at, const char* end, const HttpReadOptions& options, const char* head_begin,
                 HttpFields& fields, HttpHeadProgress& progress) {
  const std::size_t fields_max = std::min<std::size_t>(options.limits.fields, http_fields_max);
  fields.clear(progress.fields);
  Step step;
  for (;;) {
    if (at == end) break;
    if (*at == '\r' || *at == '\n') {
      step = read_line_end(at, end, HttpError::bad_line_end);
      break;
    }
    if (*at == ' ' || *at == '\t') {
      step = fault(at, fields.size() == 0 ? HttpError::space_before_fields : HttpError::folded_line);
      break;
    }
    if (fields.size() == fields_max) {
      step = fault(at, HttpError::too_many_fields);
      break;
    }
    step = read_field(at, end, options, fields.next_place());
    if (!step.done()) break;
    fields.add_next_place();
    at = step.at;
    step = need_more;
  }
  progress.line = static_cast<std::uint32_t>(at - head_begin);
  progress.fields = static_cast<std::uint16_t>(fields.size());
  return step;
}

bool next_element(std::string_view& list, std::string_view& element) {
  if (list.data() == nullptr) return false;
  const std::size_t comma = list.find(',');
  element = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  const auto is_space = [](char byte) { return byte == ' ' || byte == '\t'; };
  while (!element.empty() && is_space(element.front())) element.remove_prefix(1);
  while (!element.empty() && is_space(element.back())) element.remove_suffix(1);
  return true;
}

}  // namespace corelane::proto::http
