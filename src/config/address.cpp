// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/ascii.hpp"

namespace corelane::config {
namespace {

constexpr std::size_t host_length_max = 253;
constexpr std::size_t host_label_length_max = 63;
constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view descriptor_prefix = "fd@";

AddressResult fault(std::string text) {
  return {std::nullopt, std::move(text)};
}

bool is_host_byte(char c) {
  return base::is_digit(c) || base::is_letter(c) || c == '-' || c == '_';
}

bool is_host_label(std::string_view label) {
  return !label.empty() && label.size() <= host_label_length_max && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), is_host_byte);
}

/// A host name as a resolver takes it. One whose last label is a number is a misspelt IPv4 address.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > host_length_max) return false;
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string_view label;
  for (std::string_view rest = host;;) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    label = rest.substr(0, dot);
    if (!is_host_label(label)) return false;
    if (dot == rest.size()) break;
    rest.remove_prefix(dot + 1);
  }
  return !std::all_of(label.begin(), label.end(), base::is_digit);
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

AddressResult unix_from_text(std::string_view path) {
  const bool abstract = path.starts_with('@');
  if (!abstract && !path.starts_with('/')) return fault("a UNIX socket is an absolute path or @ and a name");
  if (path.size() == 1) return fault("the name of the UNIX socket is missing");
  if (path.size() > unix_path_bytes_max) {
    return fault(
        fmt::format("the UNIX socket's path has {} bytes; at most {} fit", path.size(), unix_path_bytes_max));
  }
  const bool plain = std::none_of(path.begin(), path.end(), [](char c) { return c >= 0 && c < ' '; });
  if (!plain) return fault("a UNIX socket's path holds no control characters");
  Address address;
  address.kind = Address::Kind::unix_path;
  address.endpoint.family = base::Family::unix_socket;
  address.path = path;
  return {std::move(address), {}};
}

AddressResult descriptor_from_text(std::string_view number) {
  const std::optional<int> descriptor = whole_number<int>(number);
  if (!descriptor || *descriptor < descriptor_min || *descriptor > descriptor_max) {
    return fault(
        fmt::format("an inherited socket is fd@N with N from {} to {}", descriptor_min, descriptor_max));
  }
  Address address;
  address.kind = Address::Kind::descriptor;
  address.descriptor = *descriptor;
  return {std::move(address), {}};
}

AddressResult host_from_text(std::string_view host, std::uint16_t port) {
  Address address;
  if (const auto endpoint = base::endpoint_from_ip(host, port)) {
    address.endpoint = *endpoint;
    return {std::move(address), {}};
  }
  if (host == "*")
    return fault(
        fmt::format("every IPv4 address is written \":{}\", every IPv6 address \"[::]:{}\"", port, port));
  if (!is_host_name(host)) return fault(fmt::format("\"{}\" is neither an IP address nor a host name", host));
  address.kind = Address::Kind::host;
  address.host = host;
  address.endpoint.port = port;
  return {std::move(address), {}};
}

/// A mistake that is easily made gets a word of its own.
AddressResult host_without_port(std::string_view host) {
  AddressResult result = host_from_text(host, 0);
  if (!result.address && (host.starts_with('[') || host.find(':') != std::string_view::npos))
    result.fault += "; the port has a key of its own, and an IPv6 address no brackets";
  return result;
}

/// "*", "0.0.0.0" and "[::]" of a server: no address at all.
bool means_destination(std::string_view host, AddressUse use) {
  return use == AddressUse::server && (host == "*" || host == "0.0.0.0" || host == "[::]");
}

AddressResult destination(std::uint16_t port) {
  Address address;
  address.kind = Address::Kind::destination;
  address.endpoint.port = port;
  return {std::move(address), {}};
}

AddressResult network_from_text(std::string_view text, AddressUse use) {
  const bool bracketed = text.starts_with('[');
  const std::size_t bracket = text.find(']');
  if (bracketed && bracket == std::string_view::npos) return fault("']' is missing after the IPv6 address");
  const std::size_t colon = bracketed ? text.find(':', bracket) : text.rfind(':');
  if (colon == std::string_view::npos) return fault("the port is missing");
  const std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  if (!bracketed && host.find(':') != std::string_view::npos) {
    return fault("an IPv6 address is written in brackets, [::1]:80");
  }
  if (port_text.empty()) return fault("the port is missing");
  const std::optional<std::uint16_t> port = whole_number<std::uint16_t>(port_text);
  if (port && means_destination(host, use)) return destination(*port);
  if (!port || *port == 0) return fault(fmt::format("\"{}\" is not a port from 1 to 65535", port_text));
  if (bracketed) {
    const auto endpoint = base::endpoint_from_ip(host.substr(1, bracket - 1), *port);
    const bool closed = bracket + 1 == colon;
    if (!closed || !endpoint || endpoint->family != base::Family::ipv6) {
      return fault(fmt::format("\"{}\" is not an IPv6 address in brackets", host));
    }
    Address address;
    address.endpoint = *endpoint;
    return {std::move(address), {}};
  }
  const bool names_one_peer = use == AddressUse::server || use == AddressUse::log;
  if (host.empty()) return names_one_peer ? fault("the host is missing") : host_from_text("0.0.0.0", *port);
  return host_from_text(host, *port);
}

}  // namespace

AddressResult address_from_text(std::string_view text, AddressUse use) {
  AddressResult result;
  if (text.starts_with(descriptor_prefix)) {
    if (use != AddressUse::bind) return fault("only a frontend's bind takes an inherited socket");
    result = descriptor_from_text(text.substr(descriptor_prefix.size()));
  } else if (text.starts_with(unix_prefix)) {
    if (use == AddressUse::log) return fault("a UNIX socket is written unix:/PATH without udp://");
    result = unix_from_text(text.substr(unix_prefix.size()));
  } else if (use == AddressUse::check) {
    result = host_without_port(text);
  } else {
    result = network_from_text(text, use);
  }
  if (result.address) result.address->text = text;
  return result;
}

std::string_view address_forms(AddressUse use) {
  switch (use) {
    case AddressUse::bind:
      return "IP:PORT, [IPV6]:PORT, :PORT, HOST:PORT, unix:/PATH, unix:@NAME, fd@N";
    case AddressUse::admin:
      return "IP:PORT, [IPV6]:PORT, :PORT, HOST:PORT, unix:/PATH, unix:@NAME";
    case AddressUse::server:
      return "IP:PORT, [IPV6]:PORT, HOST:PORT, *:PORT, *:0, unix:/PATH, unix:@NAME";
    case AddressUse::check:
      return "IP, IPV6, HOST, unix:/PATH, unix:@NAME";
    case AddressUse::log:
      return "IP:PORT, [IPV6]:PORT, HOST:PORT";
  }
  return "";
}

}  // namespace corelane::config
