// SPDX-License-Identifier: Apache-2.0
#include "control/server_conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace corelane::control {

namespace {

constexpr std::uint32_t weight_max = 256;

}  // namespace

static_assert(check::ServerCondition::ramp_full == balance::weight_fine);

ServerConditions::Entry::Entry(ServerConditions& owner_in, std::uint32_t backend_in, std::uint32_t server_in,
                               const check::ServerConditionOptions& options)
    : owner(owner_in),
      backend(backend_in),
      server(server_in),
      condition(options),
      told(condition.standing(owner_in.loop_.now())) {
  timer.owner = this;
  timer.handler = &ServerConditions::step_due;
}

ServerConditions::ServerConditions(Loop& loop, proxy::Topology& topology) : loop_(loop), topology_(topology) {
  for (std::uint32_t b = 0; b < topology.backends().size(); ++b) {
    std::deque<Entry>& row = entries_.emplace_back();
    for (const proxy::Server& server : topology.backends()[b].servers) {
      row.emplace_back(
          *this, b, static_cast<std::uint32_t>(row.size()),
          check::ServerConditionOptions{.weight = server.config->weight,
                                        .connections_max = server.config->max_connections,
                                        .slow_start_us = base::ms_to_us(server.config->slow_start_ms)});
    }
  }
}

ServerConditions::~ServerConditions() {
  stop();
}

void ServerConditions::stop() {
  for (std::deque<Entry>& row : entries_) {
    for (Entry& entry : row) loop_.timers().stop(entry.timer);
  }
}

const ServerConditions::Entry& ServerConditions::entry(std::uint32_t backend, std::uint32_t server) const {
  return entries_[backend][server];
}
ServerConditions::Entry& ServerConditions::entry(std::uint32_t backend, std::uint32_t server) {
  return entries_[backend][server];
}

check::Standing ServerConditions::standing(std::uint32_t backend, std::uint32_t server) const {
  return condition(backend, server).standing(loop_.now());
}

void ServerConditions::set_check(std::uint32_t backend, std::uint32_t server, check::Opinion opinion) {
  Entry& changed = entry(backend, server);
  changed.condition.set_check(opinion, loop_.now());
  settle(changed);
}

void ServerConditions::set_agent(std::uint32_t backend, std::uint32_t server, check::Opinion opinion) {
  Entry& changed = entry(backend, server);
  changed.condition.set_agent(opinion, loop_.now());
  settle(changed);
}

void ServerConditions::set_tracked(std::uint32_t backend, std::uint32_t server,
                                   std::optional<check::ServerWord> word) {
  Entry& changed = entry(backend, server);
  changed.condition.set_tracked(word, loop_.now());
  settle(changed);
}

void ServerConditions::set_admin(std::uint32_t backend, std::uint32_t server, check::AdminState state) {
  Entry& changed = entry(backend, server);
  changed.condition.set_admin(state, loop_.now());
  settle(changed);
}

void ServerConditions::set_connections_max(std::uint32_t backend, std::uint32_t server, std::uint32_t limit) {
  CORELANE_CHECK(topology_.backends()[backend].limited);
  Entry& changed = entry(backend, server);
  changed.condition.set_connections_max(limit);
  settle(changed);
}

std::optional<std::string> ServerConditions::set_weight(std::uint32_t backend, std::uint32_t server,
                                                        std::uint32_t weight) {
  CORELANE_CHECK(weight <= weight_max);
  Entry& changed = entry(backend, server);
  const proxy::Backend& prepared = topology_.backends()[backend];
  const std::uint32_t configured = changed.condition.weight_configured();
  if (!prepared.ramps_weights && weight != 0 && weight != configured) {
    return fmt::format("balance {} keeps a static map of servers: the weight may be 0 or, as configured, {}",
                       prepared.algorithm->name, configured);
  }
  const std::uint64_t total = ring_weight_with(changed, weight);
  if (prepared.ramps_weights && prepared.algorithm->keeps_table && total > balance::table_weight_max) {
    return fmt::format("the backend's weights would add up to {}; balance {} takes at most {}", total,
                       prepared.algorithm->name, balance::table_weight_max);
  }
  changed.condition.set_weight(weight);
  settle(changed);
  return std::nullopt;
}

std::optional<std::string> ServerConditions::set_weight_percent(std::uint32_t backend, std::uint32_t server,
                                                                std::uint32_t percent) {
  const std::uint64_t weight = std::uint64_t{condition(backend, server).weight_configured()} * percent / 100;
  return set_weight(backend, server, static_cast<std::uint32_t>(std::min<std::uint64_t>(weight, weight_max)));
}

std::uint64_t ServerConditions::ring_weight_with(const Entry& changed, std::uint32_t weight) const {
  std::uint64_t total = weight;
  for (const Entry& other : entries_[changed.backend]) {
    if (&other != &changed) total += other.condition.weight();
  }
  return total;
}

void ServerConditions::step_due(base::Timer& timer) {
  auto& entry = *static_cast<Entry*>(timer.owner);
  entry.owner.settle(entry);
}

void ServerConditions::settle(Entry& entry) {
  const base::TimeUs now = loop_.now();
  if (const base::TimeUs step_at = entry.condition.next_step_at(now); step_at != base::time_never) {
    loop_.timers().set(entry.timer, step_at);
  } else {
    loop_.timers().stop(entry.timer);
  }
  const check::Standing after = entry.condition.standing(now);
  if (after == entry.told) return;
  const StandingChange change{.backend = entry.backend,
                              .server = entry.server,
                              .before = std::exchange(entry.told, after),
                              .after = after};
  topology_.publish(entry.backend, entry.server,
                    {.status = after.serving() ? proxy::ServerStatus::up : proxy::ServerStatus::down,
                     .weight = after.weight,
                     .ramp = after.ramp,
                     .connections_max = after.connections_max});
  for (const Listener& listener : listeners_) listener(change);
}

}  // namespace corelane::control
