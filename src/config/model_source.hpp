// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/model_address.hpp"

namespace corelane::config {

/// What the packets of a connection carry for routing and for the network.
struct SocketMarks {
  std::uint32_t mark = 0;           // SO_MARK; 0: none
  std::optional<std::uint8_t> tos;  // IP_TOS and IPV6_TCLASS; empty: the system's value

  friend bool operator==(const SocketMarks&, const SocketMarks&) = default;
};

/// Whether connections to a server come from the client's address.
enum class TransparentSource : std::uint8_t {
  none,
  client,      // and from its port
  clientip,    // the kernel chooses the port
  expression,  // the address that a sample of the request says it is; the kernel chooses the port
};

struct Source {
  std::vector<SourceAddress> addresses;  // empty: the kernel chooses address and port
  TransparentSource transparent = TransparentSource::none;
  std::string client_expression;  // expression: "hdr_ip(x-forwarded-for,-1)"
  std::string interface;          // SO_BINDTODEVICE; empty: as routed
  SocketMarks marks;

  friend bool operator==(const Source&, const Source&) = default;
};

}  // namespace corelane::config
