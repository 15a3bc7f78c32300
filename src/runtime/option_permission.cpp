// SPDX-License-Identifier: Apache-2.0
#include "runtime/option_permission.hpp"

#include <fmt/format.h>

namespace corelane::runtime {

std::string_view option_name(io::SocketOption option) {
  switch (option) {
    case io::SocketOption::interface:
      return "interface";
    case io::SocketOption::mark:
      return "mark";
    case io::SocketOption::tos:
      return "tos";
    case io::SocketOption::transparent:
      return "transparent";
    case io::SocketOption::freebind:
      return "freebind";
    case io::SocketOption::none:
      break;
  }
  return "options";
}

std::string option_permission_hint(io::SocketOption option) {
  // Before Linux 5.17 marks took CAP_NET_ADMIN alone.
  const std::string_view older =
      option == io::SocketOption::mark ? " (before Linux 5.17: CAP_NET_ADMIN in its place)" : "";
  return fmt::format(
      "; {} takes CAP_NET_RAW: AmbientCapabilities=CAP_NET_RAW and CapabilityBoundingSet=CAP_NET_RAW in the "
      "service unit, or setcap cap_net_raw=+ep on the program{}",
      option_name(option), older);
}

}  // namespace corelane::runtime
