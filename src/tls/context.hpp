// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tls/settings.hpp"

namespace corelane::tls {

class ServerContextState;
class SessionCache;

/// The time by which this thread's connections judge certificates and tickets, in seconds since 1970. A lane
/// tells it before its first connection and then whenever the second changes; the library knows no other
/// clock.
void set_time(std::int64_t now) noexcept;
std::int64_t time_now() noexcept;

/// What a bind's connections on one lane have in common: certificates, keys, and what is negotiated.
///
/// Each lane has its own, built before it starts or by the thread that reloads: the library counts references
/// and guards stores and RSA keys by locks, which lanes must not share. What it knows does not change, but
/// for the ticket keys, which the lane replaces itself. Connections keep what they need of it alive, so that
/// it may go while they last.
class ServerContext {
 public:
  struct Built;

  /// `now` in seconds since 1970: what has expired by then is a warning. `sessions` is for clients that come
  /// back without a ticket, whichever context they were at; it outlives the context's connections. Null: they
  /// shake hands anew.
  static Built build(const ServerSettings& settings, std::int64_t now, SessionCache* sessions = nullptr);

  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;
  ~ServerContext();

  /// Takes other keys for what comes, between two turns of its lane.
  void replace_tickets(const TicketSettings& tickets);

  ServerContextState& state() const noexcept { return *state_; }

 private:
  explicit ServerContext(ServerContextState* state) noexcept : state_(state) {}

  ServerContextState* state_;  // one reference
};

struct ServerContext::Built {
  std::unique_ptr<ServerContext> context;  // null: see errors
  std::vector<SettingError> errors;
  std::vector<SettingError> warnings;
};

}  // namespace corelane::tls
