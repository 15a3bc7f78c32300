// SPDX-License-Identifier: Apache-2.0
#include "balance/request_key.hpp"

#include <algorithm>

namespace corelane::balance {
namespace {

constexpr std::string_view spaces = " \t";

std::optional<std::uint32_t> hash_of(const Hash& hash, std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return hash_text(hash, *text);
}

/// The value of the first pair NAME=VALUE among those that & separates. Nothing else separates them, as in
/// HAProxy: not even the semicolon.
std::optional<std::string_view> find_parameter(std::string_view pairs, std::string_view name) {
  while (pairs.size() > name.size()) {
    const std::string_view pair = pairs.substr(0, pairs.find('&'));
    if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name))
      return pair.substr(name.size() + 1);
    if (pair.size() == pairs.size()) break;
    pairs.remove_prefix(pair.size() + 1);
  }
  return std::nullopt;
}

bool is_token_character(char c) {
  const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter_or_digit || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// A body need not be a form at all. HAProxy looks at the value's first character: one that no token has
/// shows that this is none, and white space that the value is empty.
std::optional<std::string_view> form_value(std::optional<std::string_view> value) {
  if (!value || value->empty() || is_token_character(value->front())) return value;
  if (std::string_view(" \t\r\n").find(value->front()) != std::string_view::npos) return value->substr(0, 0);
  return std::nullopt;
}

/// A field's first element: up to a comma that is not quoted.
std::string_view first_element(std::string_view value) {
  bool quoted = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (quoted && value[i] == '\\') {
      ++i;
    } else if (value[i] == '"') {
      quoted = !quoted;
    } else if (value[i] == ',' && !quoted) {
      value = value.substr(0, i);
    }
  }
  const std::size_t last = value.find_last_not_of(spaces);
  return value.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// "1wt" of haproxy.1wt.eu: what stands between the last two dots, of which two neighbours count as one. A
/// host without a dot behind its first character counts as a whole.
std::string_view domain_of(std::string_view host) {
  const std::size_t last = host.rfind('.');
  if (last == std::string_view::npos || last == 0) return host;
  const std::string_view before = host.substr(0, last);
  return before.substr(before.substr(0, last - 1).rfind('.') + 1);
}

}  // namespace

std::optional<std::string_view> uri_text(const KeyOptions& options, const Request& request) {
  std::string_view uri = options.path_only ? request.path_and_query : request.target;
  if (options.len != 0) uri = uri.substr(0, options.len);
  std::uint64_t slashes_left = std::uint64_t{options.depth} + 1;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const bool too_deep = uri[i] == '/' && options.depth != 0 && --slashes_left == 0;
    if (too_deep || (uri[i] == '?' && !options.whole)) return uri.substr(0, i);
  }
  return uri;
}

std::optional<std::string_view> url_param_text(const KeyOptions& options, const Request& request) {
  const std::size_t query = request.target.find('?');
  if (query != std::string_view::npos) {
    const auto value = find_parameter(request.target.substr(query + 1), options.name);
    if (value) return value;
  }
  return form_value(find_parameter(request.body, options.name));
}

std::optional<std::string_view> header_text(const KeyOptions& options, const Request& request) {
  if (request.header == nullptr) return std::nullopt;
  const std::string_view value = first_element(request.header(request.head, options.name));
  if (value.empty()) return std::nullopt;
  return options.domain_only ? domain_of(value) : value;
}

std::optional<std::uint32_t> source_key(const Hash& hash, const KeyOptions&, const Request& request) {
  return source_hash(hash, *request.client);
}

std::optional<std::uint32_t> uri_key(const Hash& hash, const KeyOptions& options, const Request& request) {
  return hash_of(hash, uri_text(options, request));
}

std::optional<std::uint32_t> url_param_key(const Hash& hash, const KeyOptions& options,
                                           const Request& request) {
  return hash_of(hash, url_param_text(options, request));
}

std::optional<std::uint32_t> header_key(const Hash& hash, const KeyOptions& options, const Request& request) {
  return hash_of(hash, header_text(options, request));
}

}  // namespace corelane::balance
