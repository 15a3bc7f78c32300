// SPDX-License-Identifier: Apache-2.0
#include "runtime/listen_error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "runtime/option_permission.hpp"

namespace corelane::runtime {

namespace {

constexpr std::uint16_t ports_privileged_below = 1024;

std::string in_use_hint(const ListenError& error) {
  if (error.port == 0) return "; to see by whom: ss -lxp";
  return fmt::format("; to see by whom: ss -ltnp 'sport = :{}'", error.port);
}

std::string permission_hint(const ListenError& error) {
  if (error.step == ListenStep::option) return option_permission_hint(error.option);
  if (error.port == 0) return "; to see the directory's permissions: ls -ld on it";
  if (error.port < ports_privileged_below) {
    return fmt::format(
        "; ports below {} take CAP_NET_BIND_SERVICE: AmbientCapabilities=CAP_NET_BIND_SERVICE in the "
        "service unit, or setcap cap_net_bind_service=+ep on the program, or sysctl -w "
        "net.ipv4.ip_unprivileged_port_start={}",
        ports_privileged_below, error.port);
  }
  return "";
}

std::string hint(const ListenError& error) {
  switch (error.error_number) {
    case EADDRINUSE:
      return in_use_hint(error);
    case EACCES:
    case EPERM:
      return permission_hint(error);
    case EADDRNOTAVAIL:
      return "; no interface of this machine has it; to see those it has: ip address; to listen all the "
             "same: "
             "\"freebind\": true";
    case ENODEV:
      return fmt::format("; there is no interface \"{}\"; to see them: ip link", error.interface);
    case EAFNOSUPPORT:
      return "; this system has that address family switched off";
    case EEXIST:
      return "; the path is not a socket, so it is left alone; move it away";
    case ENOENT:
      return "; the socket's directory does not exist; mkdir -p makes it";
    case EMFILE:
      return "; to raise the limit: LimitNOFILE=65536 in the service unit, or ulimit -n 65536";
    default:
      return "";
  }
}

std::string step_text(const ListenError& error) {
  switch (error.step) {
    case ListenStep::option:
      return fmt::format("cannot set {} on", option_name(error.option));
    case ListenStep::max_segment:
      return "cannot set max_segment on";
    case ListenStep::socket:
    case ListenStep::bind:
    case ListenStep::listen:
      break;
  }
  return "cannot listen on";
}

}  // namespace

std::string listen_error_text(const ListenError& error) {
  return fmt::format("{}: {} {}: {}{}", error.place, step_text(error), error.address,
                     std::strerror(error.error_number), hint(error));
}

}  // namespace corelane::runtime
