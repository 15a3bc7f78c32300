// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "io/socket_options.hpp"

namespace corelane::runtime {

/// The step of opening a listening socket that failed.
enum class ListenStep : std::uint8_t { socket, option, max_segment, bind, listen };

/// What is said about a listening socket that could not be opened; pure, so that every text is tested.
struct ListenError {
  std::string place;    // "frontends.web.bind[0].address"
  std::string address;  // "0.0.0.0:80"
  std::string interface;
  std::uint16_t port = 0;  // 0: not an IP address
  ListenStep step = ListenStep::bind;
  io::SocketOption option = io::SocketOption::none;  // of ListenStep::option
  int error_number = 0;
};

/// A sentence that names the place, the reason, and the command that shows more or mends it.
std::string listen_error_text(const ListenError& error);

}  // namespace corelane::runtime
