// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace corelane::base {

enum class Family : std::uint8_t { none, ipv4, ipv6, unix_socket };

constexpr bool is_ip(Family family) noexcept {
  return family == Family::ipv4 || family == Family::ipv6;
}

/// The numeric address of one end of a connection: 20 bytes, trivially copyable, no text.
/// An IPv4 address stands in the first four bytes of `ip`, network order. `port` is in host order.
/// For unix_socket neither is used; such a peer has no name worth keeping.
struct Endpoint {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;
  Family family = Family::none;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Reads "127.0.0.1" or "::1" (no brackets, no port). Empty when it is not a numeric address.
std::optional<Endpoint> endpoint_from_ip(std::string_view ip_text, std::uint16_t port);

/// The address without port: "127.0.0.1", "::1", "unix" or "-" for Family::none.
std::string endpoint_ip_text(const Endpoint& endpoint);
/// The same without an allocation, in memory of the caller's.
using IpText = std::array<char, 48>;
std::string_view endpoint_ip_text(const Endpoint& endpoint, IpText& memory);

/// An IPv4 address as IPv6 ("::ffff:10.0.0.1"); others as they are.
Endpoint endpoint_as_ipv6(const Endpoint& endpoint);

/// The way back: an IPv4 address that comes as IPv6 is IPv4 again; others as they are.
Endpoint endpoint_unmapped(const Endpoint& endpoint);

/// Address and port as a person writes them: "127.0.0.1:80", "[::1]:80", "unix".
std::string endpoint_text(const Endpoint& endpoint);

}  // namespace corelane::base
