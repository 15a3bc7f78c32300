// SPDX-License-Identifier: Apache-2.0
#include "base/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace corelane::base {
namespace {

constexpr std::size_t ipv4_bytes = 4;
constexpr std::size_t ipv6_groups = 8;

/// Four decimal numbers, no leading zeros (some readers take those for octal).
bool read_ipv4(std::string_view text, std::uint8_t* bytes) {
  for (std::size_t i = 0; i < ipv4_bytes; ++i) {
    const std::size_t length = i + 1 < ipv4_bytes ? text.find('.') : text.size();
    if (length == std::string_view::npos || length == 0 || length > 3) return false;
    if (length > 1 && text.front() == '0') return false;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + length, bytes[i]);
    if (error != std::errc() || rest != text.data() + length) return false;
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return true;
}

using Groups = std::array<std::uint16_t, ipv6_groups>;

/// Reads groups joined by ':' (no "::") into `groups` from `count` on. The last one may be an IPv4 address
/// when `ipv4_tail` says so.
bool read_groups(std::string_view text, bool ipv4_tail, Groups& groups, std::size_t& count) {
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, length);
    const bool last = length == text.size();
    std::uint8_t ipv4[ipv4_bytes];
    if (last && ipv4_tail && group.find('.') != std::string_view::npos) {
      if (count + 2 > ipv6_groups || !read_ipv4(group, ipv4)) return false;
      groups[count++] = static_cast<std::uint16_t>(ipv4[0] << 8 | ipv4[1]);
      groups[count++] = static_cast<std::uint16_t>(ipv4[2] << 8 | ipv4[3]);
      return true;
    }
    if (count == ipv6_groups || group.empty() || group.size() > 4) return false;
    const auto [rest, error] = std::from_chars(group.data(), group.data() + group.size(), groups[count], 16);
    if (error != std::errc() || rest != group.data() + group.size()) return false;
    ++count;
    if (last) return true;
    text.remove_prefix(length + 1);
    if (text.empty()) return false;
  }
  return true;
}

bool read_ipv6(std::string_view text, std::array<std::uint8_t, 16>& bytes) {
  Groups groups{};
  std::size_t count = 0;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!read_groups(text, true, groups, count) || count != ipv6_groups) return false;
  } else {
    Groups tail{};
    std::size_t tail_count = 0;
    if (!read_groups(text.substr(0, gap), false, groups, count)) return false;
    if (!read_groups(text.substr(gap + 2), true, tail, tail_count)) return false;
    if (count + tail_count >= ipv6_groups) return false;
    std::copy_n(tail.begin(), tail_count, groups.end() - static_cast<std::ptrdiff_t>(tail_count));
  }
  for (std::size_t i = 0; i < ipv6_groups; ++i) {
    bytes[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    bytes[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  return true;
}

struct Run {
  std::size_t start = 0;
  std::size_t length = 0;
};

/// The longest run of zero groups, the first of equals: what "::" stands for (RFC 5952).
Run longest_zero_run(const Groups& groups) {
  Run best;
  for (std::size_t i = 0; i < ipv6_groups;) {
    std::size_t end = i;
    while (end < ipv6_groups && groups[end] == 0) ++end;
    if (end - i > best.length) best = {i, end - i};
    i = std::max(end, i + 1);
  }
  return best.length >= 2 ? best : Run{};
}

/// Writes to `out` and returns where it ended.
char* write_ipv6(const std::array<std::uint8_t, 16>& bytes, char* out) {
  Groups groups{};
  for (std::size_t i = 0; i < ipv6_groups; ++i) {
    groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  const Run zeros = longest_zero_run(groups);
  const bool ipv4_mapped = zeros.start == 0 && zeros.length == 5 && groups[5] == 0xffff;
  if (ipv4_mapped) {
    return fmt::format_to(out, "::ffff:{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  }
  bool separated = true;  // nothing has to stand before the next group
  for (std::size_t i = 0; i < ipv6_groups;) {
    if (zeros.length > 0 && i == zeros.start) {
      out = fmt::format_to(out, "::");
      separated = true;
      i += zeros.length;
      continue;
    }
    if (!separated) *out++ = ':';
    separated = false;
    out = fmt::format_to(out, "{:x}", groups[i++]);
  }
  return out;
}

}  // namespace

std::optional<Endpoint> endpoint_from_ip(std::string_view ip_text, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.port = port;
  if (ip_text.find(':') == std::string_view::npos) {
    endpoint.family = Family::ipv4;
    if (!read_ipv4(ip_text, endpoint.ip.data())) return std::nullopt;
  } else {
    endpoint.family = Family::ipv6;
    if (!read_ipv6(ip_text, endpoint.ip)) return std::nullopt;
  }
  return endpoint;
}

std::string_view endpoint_ip_text(const Endpoint& endpoint, IpText& memory) {
  const auto& ip = endpoint.ip;
  char* end = memory.data();
  switch (endpoint.family) {
    case Family::ipv4:
      end = fmt::format_to(end, "{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3]);
      break;
    case Family::ipv6:
      end = write_ipv6(ip, end);
      break;
    case Family::unix_socket:
      return "unix";
    case Family::none:
      return "-";
  }
  return {memory.data(), static_cast<std::size_t>(end - memory.data())};
}

std::string endpoint_ip_text(const Endpoint& endpoint) {
  IpText memory;
  return std::string(endpoint_ip_text(endpoint, memory));
}

Endpoint endpoint_as_ipv6(const Endpoint& endpoint) {
  if (endpoint.family != Family::ipv4) return endpoint;
  Endpoint mapped{.port = endpoint.port, .family = Family::ipv6};
  mapped.ip[10] = mapped.ip[11] = 0xff;
  std::copy_n(endpoint.ip.begin(), ipv4_bytes, mapped.ip.begin() + 12);
  return mapped;
}

Endpoint endpoint_unmapped(const Endpoint& endpoint) {
  constexpr std::uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (endpoint.family != Family::ipv6) return endpoint;
  if (!std::equal(std::begin(prefix), std::end(prefix), endpoint.ip.begin())) return endpoint;
  Endpoint plain{.port = endpoint.port, .family = Family::ipv4};
  std::copy_n(endpoint.ip.begin() + 12, ipv4_bytes, plain.ip.begin());
  return plain;
}

std::string endpoint_text(const Endpoint& endpoint) {
  const std::string ip = endpoint_ip_text(endpoint);
  switch (endpoint.family) {
    case Family::ipv4:
      return fmt::format("{}:{}", ip, endpoint.port);
    case Family::ipv6:
      return fmt::format("[{}]:{}", ip, endpoint.port);
    default:
      return ip;
  }
}

}  // namespace corelane::base
