// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace corelane::check {

/// What the administrator wants of a server. An agent may say it as well; who spoke last decides.
enum class AdminState : std::uint8_t {
  ready,
  drain,  // no new connections; those that exist go on
  maint,  // as if it were down, whatever its checks say
};
/// "ready", "drain", "maint".
std::string_view admin_state_word(AdminState state);
std::optional<AdminState> find_admin_state(std::string_view word);

/// What a check, or an agent's health, says of a server.
enum class Opinion : std::uint8_t {
  none,  // there is no such check
  up,
  down,
  stopping,  // up, but it asks for no new connections
};

/// A server's state in one word, as HAProxy's statistics have it.
enum class ServerWord : std::uint8_t { no_check, up, down, nolb, drain, maint };
/// "no check", "UP", "DOWN", "NOLB", "DRAIN", "MAINT".
std::string_view server_word_text(ServerWord word);

struct ServerConditionOptions {
  std::uint32_t weight = 1;           // as configured
  std::uint32_t connections_max = 0;  // as configured; 0: no limit
  base::TimeUs slow_start_us = 0;     // 0: a server that came up takes its whole share at once
};

/// What follows for everybody else. Equal standings need not be told again.
struct Standing {
  ServerWord word = ServerWord::no_check;
  std::uint32_t weight = 0;           // whole, without the ramp; 0 too where the word says no new connections
  std::uint32_t ramp = 0;             // sixteenths of weight and connections_max in effect; 16: all
  std::uint32_t connections_max = 0;  // without the ramp; 0: no limit

  /// Neither down nor under maintenance: its connections go on.
  bool serving() const noexcept { return word != ServerWord::down && word != ServerWord::maint; }

  friend bool operator==(const Standing&, const Standing&) = default;
};

/// Everything that decides the state and weight of one server, each in a slot of its own, and what they come
/// to together. HAProxy's rules: maintenance first; then down, if any of check, agent and the tracked server
/// say so; then those who ask for no new connections. Pure: it is told the time.
class ServerCondition {
 public:
  /// Steps of a slow start: HAProxy's.
  static constexpr std::uint32_t ramp_full = 16;

  /// Without opinions: up. A slow start follows only once the server has been down.
  explicit ServerCondition(const ServerConditionOptions& options);

  void set_check(Opinion opinion, base::TimeUs now);
  void set_agent(Opinion opinion, base::TimeUs now);
  /// Of a server that tracks another one: that one's word. It takes over down, drain, maintenance and NOLB.
  void set_tracked(std::optional<ServerWord> word, base::TimeUs now);
  /// While a server is under maintenance nobody checks it. What the check said before is forgotten when that
  /// ends: it is up until the check says otherwise, as in HAProxy.
  void set_admin(AdminState state, base::TimeUs now);
  /// By the administrator, or by the agent's percentage of the configured weight; who spoke last decides.
  void set_weight(std::uint32_t weight) noexcept { weight_ = weight; }
  void set_connections_max(std::uint32_t limit) noexcept { connections_max_ = limit; }

  Standing standing(base::TimeUs now) const;
  /// When the standing changes by time alone; time_never: it does not.
  base::TimeUs next_step_at(base::TimeUs now) const;

  AdminState admin() const noexcept { return admin_; }
  Opinion agent() const noexcept { return agent_; }
  std::optional<ServerWord> tracked() const noexcept { return tracked_; }
  /// What configuration, administrator or agent want, drained or not.
  std::uint32_t weight() const noexcept { return weight_; }
  std::uint32_t weight_configured() const noexcept { return options_.weight; }

 private:
  template <class Change>
  void change(base::TimeUs now, Change change);
  bool under_maintenance() const noexcept;
  bool drained() const noexcept;
  bool any_says(Opinion opinion, ServerWord tracked) const noexcept;
  ServerWord word() const noexcept;
  std::uint32_t ramp(base::TimeUs now) const;

  ServerConditionOptions options_;
  Opinion check_ = Opinion::none;
  Opinion agent_ = Opinion::none;
  std::optional<ServerWord> tracked_;
  AdminState admin_ = AdminState::ready;
  std::uint32_t weight_;
  std::uint32_t connections_max_;
  std::optional<base::TimeUs> came_up_at_;  // after it has been down
};

}  // namespace corelane::check
