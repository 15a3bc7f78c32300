// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/endpoint.hpp"

namespace corelane::config {

/// "127.0.0.1:80", "[::1]:80", ":80", "db1:3306", "unix:/run/x.sock", "unix:@abstract", "fd@7", and "*:3306":
/// where the client wanted to go.
struct Address {
  enum class Kind : std::uint8_t { ip, host, unix_path, descriptor, destination };
  Kind kind = Kind::ip;
  base::Endpoint endpoint;  // ip: address and port; host: only the port; destination: the port, or 0
  std::string host;         // host: a name to resolve at start
  std::string path;         // unix_path: file, or "@name" for the abstract namespace
  int descriptor = -1;      // descriptor: an inherited listening socket
  std::string text;         // as written

  friend bool operator==(const Address&, const Address&) = default;
};

/// Where connections to a server come from: an address of this machine, with the ports that may be used.
struct SourceAddress {
  base::Endpoint endpoint;       // without a port
  std::uint16_t port_first = 0;  // 0: the kernel chooses
  std::uint16_t port_last = 0;   // included
  std::string text;              // as written

  bool has_ports() const noexcept { return port_first != 0; }
  std::uint32_t port_count() const noexcept { return has_ports() ? port_last - port_first + 1U : 0; }

  friend bool operator==(const SourceAddress&, const SourceAddress&) = default;
};

}  // namespace corelane::config
