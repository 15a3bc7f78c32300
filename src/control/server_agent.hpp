// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "check/agent.hpp"
#include "check/health.hpp"
#include "control/check_connection.hpp"
#include "control/check_turn.hpp"
#include "control/loop.hpp"
#include "proxy/topology.hpp"

namespace corelane::control {

class HealthChecks;

/// Asks the agent of one server, for ever. An agent that cannot be asked, or does not answer, changes
/// nothing.
class ServerAgent final : public CheckTurn, private CheckConnection::Owner {
 public:
  ServerAgent(HealthChecks& owner, Loop& loop, const proxy::Backend& backend, std::uint32_t backend_index,
              std::uint32_t server_index);
  ServerAgent(const ServerAgent&) = delete;
  ServerAgent& operator=(const ServerAgent&) = delete;

  /// Before the start: the agent is at this address instead of the server's. The port is not part of it.
  void move_to(const io::SocketAddress& address) { own_address_ = address; }
  void start(base::TimeUs delay_us);
  void stop();
  void begin() override;

  base::TimeUs interval_us() const noexcept { return base::ms_to_us(agent_.interval_ms); }
  /// How the last question ended; its text is the agent's line, or what is wrong.
  const check::CheckResult& last() const noexcept { return last_; }
  std::uint64_t asked_total() const noexcept { return asked_total_; }
  /// Without an answer, or with one that has an unknown word.
  std::uint64_t failed_total() const noexcept { return failed_total_; }

 private:
  enum class Phase : std::uint8_t { planned, queued, asking };

  static void timer_due(base::Timer& timer);
  void plan_at(base::TimeUs time);
  void check_judged(const CheckOutcome& outcome) override;
  void check_closed() override;
  void aim();
  void obey(const check::AgentReport& report);

  HealthChecks& owner_;
  Loop& loop_;
  const proxy::Backend& backend_;
  const proxy::Server& server_;
  const config::AgentCheck& agent_;
  const std::uint32_t backend_index_;
  const std::uint32_t server_index_;
  std::optional<io::SocketAddress> own_address_;
  check::Options options_;
  check::Plan plan_;
  check::CheckResult last_;
  std::uint64_t asked_total_ = 0;
  std::uint64_t failed_total_ = 0;
  Phase phase_ = Phase::planned;
  CheckTarget target_;
  CheckConnection* connection_ = nullptr;  // while it is asked
  base::Timer timer_;                      // when the agent is asked next
};

}  // namespace corelane::control
