// SPDX-License-Identifier: Apache-2.0
#include "proto/forwarded_element.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "proto/http_name.hpp"
#include "proto/http_tokens.hpp"

namespace corelane::proto {
namespace {

constexpr std::string_view token_end = " \t;,=\"";

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool take(std::string_view& text, char character) {
  if (!text.starts_with(character)) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view take_token(std::string_view& text) {
  const std::string_view token = text.substr(0, std::min(text.find_first_of(token_end), text.size()));
  text.remove_prefix(token.size());
  return token;
}

/// A token, or what stands in double quotes: nothing that has a meaning here needs a backslash.
std::optional<std::string_view> take_value(std::string_view& text) {
  if (!take(text, '"')) {
    const std::string_view token = take_token(text);
    return token.empty() ? std::nullopt : std::optional(token);
  }
  const std::size_t end = text.find_first_of("\"\\");
  if (end == std::string_view::npos || text[end] != '"') return std::nullopt;
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(end + 1);
  return value;
}

/// "_hidden"
bool is_obfuscated(std::string_view text) {
  return text.size() > 1 && text[0] == '_' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return base::is_digit(c) || base::is_letter(c) || c == '.' || c == '_' || c == '-';
         });
}

bool is_port(std::string_view text) {
  constexpr std::size_t digits_max = 5;
  return is_obfuscated(text) || (!text.empty() && text.size() <= digits_max &&
                                 std::all_of(text.begin(), text.end(), base::is_digit));
}

bool is_host(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t,;\"") == std::string_view::npos;
}

bool is_sound(const std::optional<std::string_view>& node) {
  return !node || read_forwarded_node(*node);
}

}  // namespace

std::optional<ForwardedNode> read_forwarded_node(std::string_view text) noexcept {
  ForwardedNode node;
  const bool in_brackets = text.starts_with('[');
  const std::size_t end = in_brackets ? text.find(']') : text.find(':');
  if (in_brackets && end == std::string_view::npos) return std::nullopt;
  node.name = in_brackets ? text.substr(1, end - 1) : text.substr(0, end);
  std::string_view rest = text.substr(in_brackets ? end + 1 : node.name.size());
  if (!rest.empty()) {
    if (!take(rest, ':') || !is_port(rest)) return std::nullopt;
    node.port = rest;
  }
  const auto address = base::endpoint_from_ip(node.name, 0);
  const bool is_address = address && (address->family == base::Family::ipv6) == in_brackets;
  if (is_address) return node;
  if (in_brackets || (!http_same_name(node.name, "unknown") && !is_obfuscated(node.name)))
    return std::nullopt;
  return node;
}

std::optional<ForwardedElement> take_forwarded_element(std::string_view& text) noexcept {
  ForwardedElement element;
  for (bool more = true; more; more = take(text, ';')) {
    skip_blanks(text);
    const std::string_view name = take_token(text);
    if (name.empty() || !take(text, '=')) return std::nullopt;
    const std::optional<std::string_view> value = take_value(text);
    if (!value) return std::nullopt;
    std::optional<std::string_view>* const known = http_same_name(name, "proto")  ? &element.proto
                                                   : http_same_name(name, "host") ? &element.host
                                                   : http_same_name(name, "for")  ? &element.for_node
                                                   : http_same_name(name, "by")   ? &element.by_node
                                                                                  : nullptr;
    if (known != nullptr && known->has_value()) return std::nullopt;
    if (known != nullptr) *known = value;
    skip_blanks(text);
  }
  if (!text.empty() && !take(text, ',')) return std::nullopt;
  const bool sound = is_sound(element.for_node) && is_sound(element.by_node) &&
                     (!element.host || is_host(*element.host)) && (!element.proto || is_host(*element.proto));
  return sound ? std::optional(element) : std::nullopt;
}

bool is_forwarded(std::string_view text) noexcept {
  do {
    if (!take_forwarded_element(text)) return false;
  } while (!text.empty());
  return true;
}

}  // namespace corelane::proto
