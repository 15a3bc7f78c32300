// SPDX-License-Identifier: Apache-2.0
#include "control/server_agent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/check_place.hpp"
#include "control/health_checks.hpp"

namespace corelane::control {

namespace {

check::Options agent_options(const config::AgentCheck& agent) {
  check::Options options;
  if (!agent.send.empty()) options.steps.emplace_back().send = agent.send;
  return options;
}

/// HAProxy's words for what an agent has said of a server's health.
std::string health_text(const check::AgentReport& report) {
  if (report.description.empty()) return "via agent : " + report.health_word;
  return fmt::format("via agent : {} ({})", report.health_word, report.description);
}

}  // namespace

ServerAgent::ServerAgent(HealthChecks& owner, Loop& loop, const proxy::Backend& backend,
                         std::uint32_t backend_index, std::uint32_t server_index)
    : owner_(owner),
      loop_(loop),
      backend_(backend),
      server_(backend.servers[server_index]),
      agent_(server_.config->agent_check),
      backend_index_(backend_index),
      server_index_(server_index),
      options_(agent_options(agent_)),
      plan_(check::agent_check_type(), options_) {
  timer_.owner = this;
  timer_.handler = &ServerAgent::timer_due;
}

void ServerAgent::start(base::TimeUs delay_us) {
  plan_at(check::start_on_grid_us(loop_.now() + delay_us, interval_us()));
}

void ServerAgent::plan_at(base::TimeUs time) {
  loop_.timers().set(timer_, std::max(time, loop_.now()));
}

void ServerAgent::timer_due(base::Timer& timer) {
  auto& self = *static_cast<ServerAgent*>(timer.owner);
  self.phase_ = Phase::queued;
  self.owner_.request_turn(self);
}

void ServerAgent::begin() {
  phase_ = Phase::asking;
  aim();
  connection_ = &owner_.take_connection();
  connection_->start(*this, target_, plan_, check_timeout_us(backend_.config->timeouts, agent_.interval_ms));
}

void ServerAgent::aim() {
  target_.address = address_with_port(own_address_ ? *own_address_ : server_.address(), agent_.port);
  target_.way = way_of_checks(server_, first_source(*server_.config, target_.address.family()));
}

void ServerAgent::check_judged(const CheckOutcome& outcome) {
  if (!outcome.verdict) return;
  ++asked_total_;
  last_ = {.status = outcome.verdict->status,
           .duration_us = outcome.duration_us,
           .ended_at = loop_.ring().now(),
           .text = outcome.verdict->text};
  if (last_.status != check::CheckStatus::l7_ok) {
    ++failed_total_;
    return;
  }
  obey(check::read_agent_line(last_.text));
}

void ServerAgent::obey(const check::AgentReport& report) {
  check::CheckResult result = last_;
  if (report.health) {
    const bool up = *report.health == check::Opinion::up;
    result.status = up ? check::CheckStatus::l7_ok : check::CheckStatus::l7_status;
    result.text = health_text(report);
  }
  std::string fault;
  if (!report.unknown.empty()) fault = fmt::format("not a word of agents: {}", report.unknown);
  if (report.admin) owner_.transitions().set_admin(backend_index_, server_index_, *report.admin);
  owner_.transitions().change(backend_index_, server_index_, result, "", [&](ServerConditions& conditions) {
    if (report.weight_percent) {
      const auto refused =
          conditions.set_weight_percent(backend_index_, server_index_, *report.weight_percent);
      if (refused && fault.empty()) fault = *refused;
    }
    if (report.connections_max)
      conditions.set_connections_max(backend_index_, server_index_, *report.connections_max);
    if (report.health) conditions.set_agent(backend_index_, server_index_, *report.health);
  });
  last_ = result;
  if (fault.empty()) return;
  ++failed_total_;
  // A word for the health outweighs what is wrong with the others, as in HAProxy.
  if (report.health == check::Opinion::down) return;
  last_.status = check::CheckStatus::l7_response;
  last_.text = fault;
}

void ServerAgent::check_closed() {
  phase_ = Phase::planned;
  if (!owner_.stopping())
    plan_at(check::start_on_grid_us(connection_->started_at() + interval_us(), interval_us()));
  owner_.release_turn(std::exchange(connection_, nullptr));
}

void ServerAgent::stop() {
  loop_.timers().stop(timer_);
  if (phase_ == Phase::queued) {
    unlink();
    phase_ = Phase::planned;
  } else if (phase_ == Phase::asking) {
    connection_->cancel();
  }
}

}  // namespace corelane::control
