// SPDX-License-Identifier: Apache-2.0
#include "config/source_address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace corelane::config {
namespace {

SourceAddressResult fault(std::string text) {
  return {std::nullopt, std::move(text)};
}

std::optional<std::uint16_t> port_from_text(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end || port == 0) return std::nullopt;
  return port;
}

/// Sets the range; what is wrong with its text otherwise.
std::string read_ports(std::string_view text, SourceAddress& address) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return fmt::format("\"{}\" is not a range of ports, FIRST-LAST", text);
  const auto first = port_from_text(text.substr(0, dash));
  const auto last = port_from_text(text.substr(dash + 1));
  if (!first || !last) return fmt::format("\"{}\" is not a range of ports from 1 to 65535", text);
  if (*first > *last) return fmt::format("the range of ports {} ends before it begins", text);
  address.port_first = *first;
  address.port_last = *last;
  return {};
}

struct Parts {
  std::string_view ip;
  std::string_view ports;  // empty: no range
  bool sound = true;
};

/// An address with several colons and no bracket is IPv6 without a range.
Parts split(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return {"", "", false};
    const std::string_view rest = text.substr(bracket + 1);
    const bool has_ports = rest.size() > 1 && rest.front() == ':';
    return {text.substr(1, bracket - 1), has_ports ? rest.substr(1) : "", has_ports || rest.empty()};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1), colon + 1 < text.size()};
}

}  // namespace

SourceAddressResult source_address_from_text(std::string_view text) {
  const Parts parts = split(text);
  const auto endpoint = base::endpoint_from_ip(parts.ip, 0);
  const bool bracketed = text.starts_with('[');
  if (!parts.sound || !endpoint || (bracketed && endpoint->family != base::Family::ipv6)) {
    return fault("it is not an address of this machine, with or without a range of ports");
  }
  if (endpoint->ip == base::Endpoint{}.ip) return fault("an address that stands for all is not a source");
  SourceAddress address;
  address.endpoint = *endpoint;
  address.text = text;
  if (!parts.ports.empty()) {
    if (std::string wrong = read_ports(parts.ports, address); !wrong.empty()) return fault(std::move(wrong));
  }
  return {std::move(address), {}};
}

bool source_addresses_overlap(const SourceAddress& one, const SourceAddress& other) {
  if (one.endpoint != other.endpoint) return false;
  if (!one.has_ports() || !other.has_ports()) return true;
  return one.port_first <= other.port_last && other.port_first <= one.port_last;
}

}  // namespace corelane::config
