// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_captures.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/http_name.hpp"

namespace corelane::proxy {
namespace {

void add(const std::optional<std::string_view>& value, std::uint32_t bytes_max,
         logfmt::HttpLogTextWriter& texts) {
  value ? texts.add(*value, bytes_max) : texts.add_absent();
}

void capture_fields(const std::vector<config::CaptureField>& wanted, const proto::HttpFields& fields,
                    logfmt::HttpLogTextWriter& texts) {
  for (const config::CaptureField& one : wanted) {
    std::optional<std::string_view> value;
    for (const proto::HttpField& field : fields)
      if (proto::http_same_name(field.name, one.name)) value = field.value;
    add(value, one.length, texts);
  }
}

/// "NAME=VALUE" where `text` begins with that and that with `beginning`, as HAProxy has it; cookies' names
/// heed case.
std::optional<std::string_view> cookie_at_front(std::string_view text, std::string_view beginning) {
  const std::string_view cookie = text.substr(0, text.find(';'));
  if (!cookie.starts_with(beginning) || cookie.find('=') == cookie.npos) return std::nullopt;
  return cookie.substr(0, cookie.find_last_not_of(" \t") + 1);
}

/// The first such one among "a=1; b=2".
std::optional<std::string_view> cookie_in_list(std::string_view list, std::string_view beginning) {
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(" \t"), list.size()));
    if (const auto cookie = cookie_at_front(list, beginning)) return cookie;
    const std::size_t end = list.find(';');
    if (end == std::string_view::npos) return std::nullopt;
    list.remove_prefix(end + 1);
  }
}

template <class Find>
void capture_cookie(const std::optional<config::CaptureField>& wanted, const proto::HttpFields& fields,
                    proto::HttpName carrier, Find find, logfmt::HttpLogTextWriter& texts) {
  if (!wanted) return texts.add_absent();
  std::optional<std::string_view> cookie;
  for (const proto::HttpField* field = fields.first(carrier); field != nullptr && !cookie;
       field = fields.next(*field)) {
    cookie = find(field->value, wanted->name);
  }
  add(cookie, wanted->length, texts);
}

}  // namespace

std::size_t captured_bytes_max(const config::Capture& capture, const proto::HttpRequestHead& head) {
  std::size_t parts = 3;  // the request line, and two cookies
  std::size_t bytes = std::min(head.request_line.size(), logfmt::http_log_request_line_max);
  for (const auto* fields : {&capture.request_headers, &capture.response_headers}) {
    for (const config::CaptureField& field : *fields) bytes += field.length;
    parts += fields->size();
  }
  if (capture.cookie) bytes += 2 * std::size_t{capture.cookie->length};
  return bytes + parts * sizeof(std::uint16_t);
}

void capture_request(const config::Capture& capture, const proto::HttpRequestHead& head,
                     logfmt::HttpLogTextWriter& texts) {
  texts.add_request_line(head.request_line);
  capture_fields(capture.request_headers, head.fields, texts);
  capture_cookie(capture.cookie, head.fields, proto::HttpName::cookie, cookie_in_list, texts);
}

void capture_response(const config::Capture& capture, const proto::HttpResponseHead& head,
                      logfmt::HttpLogTextWriter& texts) {
  capture_fields(capture.response_headers, head.fields, texts);
  capture_cookie(capture.cookie, head.fields, proto::HttpName::set_cookie, cookie_at_front, texts);
}

}  // namespace corelane::proxy
