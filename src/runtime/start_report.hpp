// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "io/socket.hpp"
#include "runtime/limits.hpp"
#include "runtime/listen_sockets.hpp"

namespace corelane::runtime {

/// What a start says of itself on standard error, so that standard output stays free for logs.
struct StartReport {
  struct Listener {
    std::string frontend;
    std::string address;  // "0.0.0.0:3306"
    std::string backend;  // where it leads
    std::string balance;  // that backend's algorithm
  };
  struct Server {
    std::string backend;
    std::string name;
    std::string address;   // as written
    std::string resolved;  // numeric, when it was written as a name
    std::string health;    // "UP, checked every 2s"
    std::uint32_t weight = 1;
    bool backup = false;
  };

  std::string version;
  std::string kernel;
  std::string io_uring;
  std::uint32_t lanes = 1;
  std::vector<std::uint32_t> cpus;  // empty: lanes are not pinned
  DescriptorPlan descriptors;
  std::uint32_t pipes_wanted = 0;  // per lane
  std::vector<Listener> listeners;
  std::vector<Server> servers;
  std::vector<std::string> admin;  // addresses
  std::vector<std::string> logs;
};

/// The part of the report that follows from the configuration and the opened sockets.
void start_report_fill(StartReport& report, const config::Model& model,
                       const std::vector<ListenSocket>& sockets,
                       const std::vector<std::vector<io::SocketAddress>>& server_addresses);

/// Aligned, for a terminal; or one line of JSON.
std::string start_report_text(const StartReport& report);
std::string start_report_json(const StartReport& report);

}  // namespace corelane::runtime
