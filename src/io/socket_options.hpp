// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "io/socket.hpp"

namespace corelane::io {

/// What a socket may ask of the network beside its addresses. Some of it takes capabilities: the kernel's
/// answer is -EPERM without.
struct SocketOptions {
  std::string_view interface = {};       // SO_BINDTODEVICE; empty: any
  std::uint32_t mark = 0;                // SO_MARK; 0: none
  std::optional<std::uint8_t> tos = {};  // IP_TOS and IPV6_TCLASS
  bool transparent = false;              // IP_TRANSPARENT: addresses of other machines may be its own
  bool freebind = false;                 // IP_FREEBIND: an address that no interface has may be its own

  bool any() const noexcept { return !interface.empty() || mark != 0 || tos || transparent || freebind; }
};

enum class SocketOption : std::uint8_t { none, interface, mark, tos, transparent, freebind };

/// The option that the kernel refused, and why (an errno). Otherwise none and 0.
struct SocketOptionFailure {
  SocketOption option = SocketOption::none;
  int error_number = 0;
};

/// Sets what is asked for on an IPv4 or IPv6 socket, before it is bound; connections accepted from a listener
/// have the same. An IPv6 socket also has it for IPv4. Part of the kernel seam.
SocketOptionFailure socket_set_options(Descriptor socket, base::Family family, const SocketOptions& options);

/// Whether a socket of this machine could have the address without being transparent. Part of the kernel
/// seam.
bool address_is_local(const base::Endpoint& endpoint);

}  // namespace corelane::io
