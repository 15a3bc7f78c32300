// SPDX-License-Identifier: Apache-2.0
// The target of a request and its Host (RFC 9112 3.2, RFC 9110 7.2).
#include <algorithm>
#include <charconv>

#include "base/endpoint.hpp"
#include "proto/http_read.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto::http {
namespace {

constexpr std::string_view scheme_http = "http://";
constexpr std::string_view scheme_https = "https://";

bool begins_with(std::string_view text, std::string_view prefix) {
  return http_same_name(text.substr(0, prefix.size()), prefix);
}

/// The first percent sign that two hexadecimal digits do not follow, null if there is none.
const char* bad_percent(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    const std::string_view digits = text.substr(at + 1, 2);
    if (digits.size() != 2 || !all(digits.data(), digits.data() + 2, hex)) return text.data() + at;
  }
  return nullptr;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return text.size() <= 5 && error == std::errc{} && end == text.data() + text.size() && port <= 65535;
}

bool is_ipv6(std::string_view text) {
  return text.find(':') != std::string_view::npos && base::endpoint_from_ip(text, 0).has_value();
}

/// The path of what begins with one is to have whole percent signs.
Step judge_path(const HttpReadOptions& options, std::string_view path_and_query) {
  if (!http_accepts(options.accept_invalid, HttpLaxity::percent_in_path)) {
    const char* const sign = bad_percent(path_and_query.substr(0, path_and_query.find('?')));
    if (sign != nullptr) return fault(sign, HttpError::target_percent);
  }
  return {.at = path_and_query.data()};
}

/// "host:port", without a user's name.
Step judge_authority(std::string_view text, bool port_required) {
  const std::size_t at_sign = text.find('@');
  if (at_sign != std::string_view::npos) return fault(text.data() + at_sign, HttpError::target_userinfo);
  Authority authority;
  const bool sound = read_authority(text, authority) && !authority.host.empty();
  if (!sound || (port_required && authority.port.empty())) return fault(text.data(), HttpError::bad_host);
  return {.at = text.data()};
}

Step read_authority_form(HttpRequestHead& head) {
  const char first = head.target.front();
  if (first == '/' || first == '*' || head.target.find("://") != std::string_view::npos)
    return fault(head.target.data(), HttpError::target_form);
  head.form = HttpTargetForm::authority;
  head.authority = head.target;
  head.path_and_query = {};
  return judge_authority(head.authority, true);
}

Step read_absolute_form(const HttpReadOptions& options, std::size_t scheme_bytes, HttpRequestHead& head) {
  const std::string_view rest = head.target.substr(scheme_bytes);
  const std::size_t authority_bytes = std::min(rest.find_first_of("/?#"), rest.size());
  head.form = HttpTargetForm::absolute;
  head.authority = rest.substr(0, authority_bytes);
  head.path_and_query = rest.substr(authority_bytes);
  const Step judged = judge_authority(head.authority, false);
  if (!judged.done()) return judged;
  if (head.path_and_query.empty()) {
    head.path_and_query = "/";
    return judged;
  }
  return judge_path(options, head.path_and_query);
}

/// The port that a scheme has, unless it is said.
std::string_view default_port(const HttpRequestHead& head) {
  return begins_with(head.target, scheme_https) ? "443" : "80";
}

/// Whether Host says what the target says. A default port may be left out of either, and of CONNECT's Host.
bool host_matches(const HttpRequestHead& head, const Authority& field) {
  Authority target;
  read_authority(head.authority, target);
  if (!http_same_name(target.host, field.host)) return false;
  if (head.form == HttpTargetForm::authority)
    return field.port == target.port || (field.port.empty() && (target.port == "80" || target.port == "443"));
  const std::string_view usual = default_port(head);
  return (target.port.empty() ? usual : target.port) == (field.port.empty() ? usual : field.port);
}

}  // namespace

bool read_authority(std::string_view text, Authority& authority) {
  std::size_t host_bytes = 0;
  if (!text.empty() && text.front() == '[') {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || !is_ipv6(text.substr(1, bracket - 1))) return false;
    host_bytes = bracket + 1;
  } else {
    const char* const end = text.data() + text.size();
    host_bytes = static_cast<std::size_t>(skip(text.data(), end, reg_name) - text.data());
    if (bad_percent(text.substr(0, host_bytes)) != nullptr) return false;
  }
  authority.host = text.substr(0, host_bytes);
  authority.has_port = host_bytes != text.size();
  authority.port = {};
  if (!authority.has_port) return true;
  if (text[host_bytes] != ':') return false;
  authority.port = text.substr(host_bytes + 1);
  return is_port(authority.port);
}

Step read_target(const HttpReadOptions& options, HttpRequestHead& head) {
  if (head.method == HttpMethod::connect) return read_authority_form(head);
  head.authority = {};
  if (head.target.front() == '/') {
    head.form = HttpTargetForm::origin;
    head.path_and_query = head.target;
    return judge_path(options, head.target);
  }
  if (head.target == "*") {
    head.form = HttpTargetForm::asterisk;
    head.path_and_query = head.target;
    return head.method == HttpMethod::options ? Step{.at = head.target.data()}
                                              : fault(head.target.data(), HttpError::target_form);
  }
  for (const std::string_view scheme : {scheme_http, scheme_https})
    if (begins_with(head.target, scheme)) return read_absolute_form(options, scheme.size(), head);
  Authority authority;
  const bool is_authority = read_authority(head.target, authority) && authority.has_port;
  return fault(head.target.data(), is_authority ? HttpError::target_form : HttpError::bad_target);
}

Step judge_host(HttpRequestHead& head) {
  const HttpField* const field = head.fields.first(HttpName::host);
  const char* const head_end = head.bytes.data() + head.bytes.size();
  head.host = head.authority;
  if (field == nullptr) {
    if (head.version == HttpVersion::http11) return fault(head_end, HttpError::missing_host);
    return {.at = head_end};
  }
  if (head.fields.count(HttpName::host) > 1)
    return fault(head.fields.next(*field)->line.data(), HttpError::repeated_host);
  Authority authority;
  if (!read_authority(field->value, authority) || authority.host.empty())
    return fault(field->value.data(), HttpError::bad_host);
  if (head.authority.empty()) {
    head.host = field->value;
  } else if (!host_matches(head, authority)) {
    return fault(field->value.data(), HttpError::host_mismatch);
  }
  return {.at = head_end};
}

}  // namespace corelane::proto::http
