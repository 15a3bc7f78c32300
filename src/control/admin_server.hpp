// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control/admin_connection.hpp"
#include "control/admin_routes.hpp"
#include "control/loop.hpp"

namespace corelane::control {

/// Serves the admin endpoints over HTTP/1.1 on listening sockets handed in by the runtime. Lives in the
/// control thread.
class AdminServer {
 public:
  /// Beyond this, accepting waits; the connection idle for longest makes room. Each listener may have one
  /// accept under way at that moment, so the count may exceed it by the number of listeners.
  static constexpr std::size_t connections_max = 64;
  static constexpr base::TimeUs accept_retry_us =
      100'000;  // after the system ran short of descriptors or memory

  AdminServer(Loop& loop, AdminSources sources);
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  /// idle() must hold.
  ~AdminServer();

  /// Accepts on a bound, listening, non-blocking socket, which the server owns from now on.
  void listen(io::Descriptor listener);
  /// Closes every listener and connection; turn the loop until idle().
  void stop();
  bool idle() const noexcept { return listeners_.empty() && connections_.empty(); }

  std::uint64_t requests() const noexcept { return requests_; }
  std::size_t connections() const noexcept { return connections_.size(); }

 private:
  friend class AdminConnection;
  struct Listener : io::OpOwner {
    AdminServer* server = nullptr;
    io::Descriptor descriptor = io::no_descriptor;
    io::Op accept_op;
    bool waiting = false;  // for room or for the retry timer
  };

  static void accepted(io::Op& op, io::Completion& completion);
  static void accept_retry_due(base::Timer& timer);
  void arm(Listener& listener);
  void resume_listeners();
  void close_listener(Listener& listener);
  /// Before one more is added: at the limit, ends the connection that has been idle for longest.
  void make_room();

  /// For connections: answers one request, now or later, by AdminConnection::answered.
  void answer(AdminConnection& connection, const AdminRequest& request);
  void deliver(std::uint64_t ticket, AdminResponse response, bool head_only);
  /// For connections: ends the life of one that has nothing in flight.
  void release(AdminConnection& connection);

  Loop& loop_;
  AdminSources sources_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<AdminConnection>> connections_;
  base::Timer accept_retry_;
  bool stopping_ = false;
  std::uint64_t requests_ = 0;
  std::uint64_t tickets_ = 0;
};

}  // namespace corelane::control
