// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "check/health.hpp"
#include "control/check_connection.hpp"
#include "control/check_turn.hpp"
#include "control/loop.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

class HealthChecks;

/// The check of one server, for ever: wait until it is due -> wait for a turn -> check -> wait ...
/// Of thousands, each is looked at once in an interval and is in no cache then: what every check uses comes
/// first, on few lines.
class alignas(64) ServerCheck final : public CheckTurn, private CheckConnection::Owner {
 public:
  /// `plan` is the backend's and outlives the check.
  ServerCheck(HealthChecks& owner, Loop& loop, const check::Plan& plan, const proxy::Backend& backend,
              std::uint32_t backend_index, std::uint32_t server_index);
  /// Before the start: checks at this address instead of the server's. The port is not part of it.
  void move_to(const io::SocketAddress& address) { own_address_ = address; }
  /// Before the start: TLS of the check; null: it has none.
  void set_tls(const CheckTlsTarget& tls) { tls_ = tls; }
  ServerCheck(const ServerCheck&) = delete;
  ServerCheck& operator=(const ServerCheck&) = delete;

  /// Plans the first check so far from now.
  void start(base::TimeUs delay_us);
  /// Ends what is under way; nothing is planned afterwards.
  void stop();
  /// During maintenance nobody checks: ends what is under way.
  void pause();
  /// Checks at once, from a fresh start.
  void resume();
  /// Clients' connections failed too often: does what the server's on_error says.
  void errors_observed();
  void begin() override;

  std::uint32_t backend_index() const noexcept { return backend_index_; }
  std::uint32_t server_index() const noexcept { return server_index_; }
  const check::HealthHistory& history() const noexcept { return history_; }
  /// Checks that could not be made for want of a descriptor or the like; they say nothing about the server.
  std::uint64_t checks_skipped() const noexcept { return checks_skipped_; }

 private:
  enum class Phase : std::uint8_t { planned, queued, checking };

  void plan_at(base::TimeUs time);
  void end_present();
  static void timer_due(base::Timer& timer);
  void check_judged(const CheckOutcome& outcome) override;
  void check_closed() override;

  base::Timer timer_;                             // when the next check is due
  const io::SocketAddress* aimed_for_ = nullptr;  // the server's address when target_ was made
  const proxy::ServerState& state_;
  HealthChecks& owner_;
  const check::Plan& plan_;
  const base::TimeUs timeout_us_;
  CheckConnection* connection_ = nullptr;  // while checking
  Phase phase_ = Phase::planned;
  bool paused_ = false;
  CheckTarget target_;
  check::HealthHistory history_;

  Loop& loop_;
  const config::Backend& backend_;
  const proxy::Server& server_;
  const std::uint32_t backend_index_;
  const std::uint32_t server_index_;
  std::optional<io::SocketAddress> own_address_;
  CheckTlsTarget tls_;
  std::uint64_t checks_skipped_ = 0;
};

}  // namespace corelane::control
