// SPDX-License-Identifier: Apache-2.0
// Request line and status line (RFC 9112 3 and 4).
#include <array>
#include <cstring>

#include "proto/http_read.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(HttpMethod::other)> methods = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
};

HttpMethod method_of(std::string_view text) {
  for (std::size_t i = 0; i < methods.size(); ++i)
    if (text == methods[i]) return static_cast<HttpMethod>(i);
  return HttpMethod::other;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view http_method_text(HttpMethod method) noexcept {
  return method == HttpMethod::other ? std::string_view() : methods[static_cast<std::size_t>(method)];
}

namespace http {
namespace {

const char* skip_target_leniently(const char* at, const char* end, std::uint8_t accept_invalid) {
  const unsigned classes =
      http_accepts(accept_invalid, HttpLaxity::characters_in_target) ? lax_target : target;
  const bool fragment = http_accepts(accept_invalid, HttpLaxity::fragment_in_target);
  while (at != end && (is(*at, classes) || (fragment && *at == '#'))) ++at;
  return at;
}

/// The target, ending at the space behind it.
Step read_target_bytes(const char* at, const char* end, const HttpReadOptions& options) {
  const char* stop = skip_target(at, end);
  if (options.accept_invalid != 0) stop = skip_target_leniently(stop, end, options.accept_invalid);
  if (static_cast<std::size_t>(stop - at) > options.limits.uri_bytes)
    return fault(at + options.limits.uri_bytes, HttpError::target_too_long);
  if (stop == end) return need_more;
  if (*stop == ' ' && stop != at) return {.at = stop};
  if (*stop == '#') return fault(stop, HttpError::target_fragment);
  const bool misplaced = *stop == ' ' || *stop == '\r' || *stop == '\n';
  return fault(stop, misplaced ? HttpError::bad_request_line : HttpError::bad_target);
}

}  // namespace

Step read_version(const char* at, const char* end, HttpVersion& version) {
  constexpr std::string_view form = "HTTP/1.1";
  if (end - at >= static_cast<std::ptrdiff_t>(form.size()) && between(at, at + form.size()) == form) {
    version = HttpVersion::http11;
    return {.at = at + form.size()};
  }
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (at + i == end) return need_more;
    if (is(form[i], digit) ? !is(at[i], digit) : at[i] != form[i])
      return fault(at + i, HttpError::bad_version);
  }
  // HTTP/1.1 was above.
  if (at[5] != '1' || at[7] != '0') return fault(at + 5, HttpError::unsupported_version);
  version = HttpVersion::http10;
  return {.at = at + form.size()};
}

Step read_request_line(const char* at, const char* end, const HttpReadOptions& options,
                       HttpRequestHead& head) {
  const char* const method_end = skip(at, end, token);
  if (method_end == end) return need_more;
  if (method_end == at || *method_end != ' ')
    return fault(method_end, *method_end == '\r' || *method_end == '\n' ? HttpError::bad_request_line
                                                                        : HttpError::bad_method);
  const char* const target_begin = method_end + 1;
  const Step target_end = read_target_bytes(target_begin, end, options);
  if (!target_end.done()) return target_end;
  const char* const version_begin = target_end.at + 1;
  if (version_begin != end && *version_begin != 'H') return fault(version_begin, HttpError::bad_request_line);
  const Step version_end = read_version(version_begin, end, head.version);
  if (!version_end.done()) return version_end;
  const bool longer = version_end.at != end && is(*version_end.at, digit);
  const Step line_end =
      read_line_end(version_end.at, end, longer ? HttpError::bad_version : HttpError::bad_request_line);
  if (!line_end.done()) return line_end;
  head.method_text = between(at, method_end);
  head.method = method_of(head.method_text);
  head.target = between(target_begin, target_end.at);
  head.request_line = between(at, version_end.at);
  const Step judged = read_target(options, head);
  return judged.done() ? line_end : judged;
}

Step read_status_line(const char* at, const char* end, const HttpReadOptions& options,
                      HttpResponseHead& head) {
  const Step version_end = read_version(at, end, head.version);
  if (!version_end.done()) return version_end;
  const char* next = version_end.at;
  if (next == end) return need_more;
  if (*next != ' ') return fault(next, HttpError::bad_status_line);
  ++next;
  unsigned status = 0;
  for (int i = 0; i < 3; ++i, ++next) {
    if (next == end) return need_more;
    if (!is(*next, digit) || (i == 0 && (*next < '1' || *next > '5')))
      return fault(next, HttpError::bad_status);
    status = status * 10 + static_cast<unsigned>(*next - '0');
  }
  if (next == end) return need_more;
  if (is(*next, digit)) return fault(next, HttpError::bad_status);
  const char* reason_end = next;
  if (*next == ' ') {
    reason_end = skip_value(++next, end);
  } else if (*next == '\r' && !http_accepts(options.accept_invalid, HttpLaxity::short_status_line)) {
    return fault(next, HttpError::bad_status_line);
  }
  const bool in_reason = *(next - 1) == ' ';
  const Step line_end =
      read_line_end(reason_end, end, in_reason ? HttpError::control_character : HttpError::bad_status_line);
  if (!line_end.done()) return line_end;
  head.status = static_cast<std::uint16_t>(status);
  head.status_line = between(at, reason_end);
  head.reason = between(next, reason_end);
  return line_end;
}

}  // namespace http
}  // namespace corelane::proto
