// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "check/health.hpp"
#include "check/options.hpp"
#include "config/model_address.hpp"
#include "config/model_tls.hpp"

/// The part of the model that is about the health of servers.
namespace corelane::config {

inline constexpr std::uint32_t no_index = UINT32_MAX;

enum class OnMarkedDown : std::uint8_t { none, shutdown_sessions };

inline constexpr std::uint32_t no_check = 0;

/// The options are those of the type's conversation.
struct Check : check::Options {
  std::uint32_t type = no_check;  // otherwise 1 more than the type's row in check/registry.hpp
  std::int64_t interval_ms = 0;
  std::int64_t fast_interval_ms = 0;  // while changing state; never 0 (defaults to interval)
  std::int64_t down_interval_ms = 0;  // while down; never 0 (defaults to interval)
  std::uint32_t rise = 0;
  std::uint32_t fall = 0;

  friend bool operator==(const Check&, const Check&) = default;
};

/// Whether a server runs its backend's check, and what of it differs from connections to the server.
struct ServerCheck {
  bool enabled = false;
  Address address;         // without a port; no text: the server's
  std::uint32_t port = 0;  // 0: the server's
  SourceAddress source;    // without ports; no text: the server's first one that can reach the address
  std::optional<bool> send_proxy;  // nothing: only to the server's own address and port
  std::optional<CheckTls> tls;     // none: as connections to the server, where it is checked there
  bool tls_refused = false;        // not even then

  friend bool operator==(const ServerCheck&, const ServerCheck&) = default;
};

enum class Observe : std::uint8_t { none, layer4 };

/// What is asked of an agent beside the server.
struct AgentCheck {
  std::uint32_t port = 0;  // 0: there is no agent
  Address address;         // without a port; no text: the server's
  std::int64_t interval_ms = 0;
  std::string send;  // said first

  friend bool operator==(const AgentCheck&, const AgentCheck&) = default;
};

/// The server whose health another one takes over.
struct Track {
  std::string text;                  // "backend/server", or "server" of the same backend; empty: none
  std::uint32_t backend = no_index;  // what it stands for
  std::uint32_t server = no_index;

  friend bool operator==(const Track&, const Track&) = default;
};

/// What a server says about its health.
struct ServerHealth {
  ServerCheck check;
  Observe observe = Observe::none;
  check::OnError on_error = check::OnError::fail_check;
  std::uint32_t error_limit = 0;  // failed connections in a row that count; never 0
  AgentCheck agent_check;
  Track track;
  OnMarkedDown on_marked_down = OnMarkedDown::none;

  friend bool operator==(const ServerHealth&, const ServerHealth&) = default;
};

}  // namespace corelane::config
