// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "check/registry.hpp"
#include "check/server_condition.hpp"

/// Agents beside servers: HAProxy's agent-check. An agent says one line of words and is left.
namespace corelane::check {

inline constexpr std::size_t agent_line_bytes_max = 1024;

/// What an agent's line says. Words of one kind replace each other: the last one counts.
struct AgentReport {
  std::optional<Opinion> health;  // up or down
  std::string health_word;        // "up", "down", "failed", "stopped"
  std::optional<AdminState> admin;
  std::optional<std::uint32_t> weight_percent;   // of the configured weight
  std::optional<std::uint32_t> connections_max;  // 0: no limit
  std::string description;                       // what follows '#'
  std::string unknown;                           // the first word that means nothing
};

/// Words end with blanks, tabs or commas; their case does not matter. A line without any is sound and says
/// nothing.
AgentReport read_agent_line(std::string_view line);

/// The conversation with an agent: says the text of the plan's first step, if there is one, and takes a line,
/// which is the verdict's text as report_line() makes it. The agent's end of the connection ends a line too.
const CheckType& agent_check_type();
std::unique_ptr<Conversation> start_agent(const Plan& plan);

}  // namespace corelane::check
