// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "proto/http_head.hpp"

/// The parts of the readers of heads. Each file of theirs has one of them.
namespace corelane::proto::http {

/// Where the reader of a part came to.
struct Step {
  const char* at = nullptr;  // behind the part, or the faulty byte; null: the bytes end before the part does
  HttpError error = HttpError::none;

  bool done() const { return at != nullptr && error == HttpError::none; }
};
constexpr Step need_more{};
constexpr Step fault(const char* at, HttpError error) {
  return {.at = at, .error = error};
}

/// CRLF at `at`; any other byte there is `otherwise`.
constexpr Step read_line_end(const char* at, const char* end, HttpError otherwise) {
  if (at == end) return need_more;
  if (*at == '\n') return fault(at, HttpError::bad_line_end);
  if (*at != '\r') return fault(at, otherwise);
  if (at + 1 == end) return need_more;
  if (at[1] != '\n') return fault(at, HttpError::bad_line_end);
  return {.at = at + 2};
}

/// What is wrong with the name of a field that ends with `byte` instead of a colon, or is empty.
constexpr HttpError field_name_fault(char byte) {
  if (byte == ' ' || byte == '\t') return HttpError::space_before_colon;
  if (byte == '\r' || byte == '\n') return HttpError::missing_colon;
  return HttpError::bad_field_name;
}

/// A start line with its CRLF. They set the fields of `head` that stand in the line.
Step read_request_line(const char* at, const char* end, const HttpReadOptions& options,
                       HttpRequestHead& head);
Step read_status_line(const char* at, const char* end, const HttpReadOptions& options,
                      HttpResponseHead& head);
/// "HTTP/1.1"
Step read_version(const char* at, const char* end, HttpVersion& version);

/// Fields to the empty line, with it. Not done: `progress` says which lines were complete.
Step read_fields(const char* at, const char* end, const HttpReadOptions& options, const char* head_begin,
                 HttpFields& fields, HttpHeadProgress& progress);

/// What the request line says of authority and path, from method and target. Sets form, authority and
/// path_and_query.
Step read_target(const HttpReadOptions& options, HttpRequestHead& head);

/// What only the whole head tells: Host, the end of the body, the connection. `fault.at` is in the head.
Step judge_host(HttpRequestHead& head);
Step judge_request_framing(HttpRequestHead& head);
Step judge_response_framing(HttpMethod request_method, HttpResponseHead& head);
void judge_connection(HttpHead& head);

/// host [ ":" port ]; false when it is not.
struct Authority {
  std::string_view host;  // with the brackets of an IPv6 address
  std::string_view port;  // digits; may be empty
  bool has_port = false;
};
bool read_authority(std::string_view text, Authority& authority);

/// The next element of a list with commas (RFC 9110 5.6.1), without the white space around it: false at the
/// end of the list. Empty elements are elements.
bool next_element(std::string_view& list, std::string_view& element);

}  // namespace corelane::proto::http
