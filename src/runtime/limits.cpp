// SPDX-License-Identifier: Apache-2.0
#include "runtime/limits.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace corelane::runtime {

namespace {

constexpr std::uint32_t buffers_min = 4096;

std::uint64_t fixed_descriptors(const DescriptorNeeds& needs) {
  return descriptors_of_process + descriptors_of_admin_connections + needs.lanes * descriptors_per_lane +
         needs.listeners + needs.admin_listeners + needs.logs + needs.checked_servers;
}

std::string how_to_raise(std::uint64_t descriptors) {
  return fmt::format(
      "to raise it: LimitNOFILE={} in the service unit, or ulimit -n {} as root before the start",
      descriptors, descriptors);
}

Failure too_few_for_anything(std::uint64_t fixed, std::uint64_t limit) {
  const std::uint64_t sensible = std::max<std::uint64_t>(65'536, fixed * 2);
  return {
      ExitStatus::resources,
      fmt::format("this process may open {} file descriptors (RLIMIT_NOFILE), but needs {} before the first "
                  "connection; {}",
                  limit, fixed, how_to_raise(sensible))};
}

Failure too_few_for_connections(std::uint32_t wanted, std::uint64_t fixed, std::uint64_t limit) {
  const std::uint64_t needed = fixed + wanted * descriptors_per_connection;
  return {ExitStatus::resources,
          fmt::format(
              "global.max_connections is {}, which needs {} file descriptors ({} for each connection and {} "
              "for listeners, lanes, logs and checks), but this process may open {} (RLIMIT_NOFILE, hard "
              "limit); {}; or set global.max_connections to at most {}",
              wanted, needed, descriptors_per_connection, fixed, limit, how_to_raise(needed),
              (limit - fixed) / descriptors_per_connection)};
}

}  // namespace

DescriptorNeeds descriptor_needs(const config::Model& model, std::uint32_t lanes) {
  DescriptorNeeds needs;
  needs.lanes = lanes;
  needs.admin_listeners = model.global.admin.bind.size();
  needs.logs = model.global.log.size();
  for (const config::Frontend& frontend : model.frontends) {
    needs.listeners += frontend.bind.size() * lanes;
    needs.logs += frontend.log.size();
  }
  for (const config::Backend& backend : model.backends) {
    for (const config::Server& server : backend.servers)
      needs.checked_servers += (server.check.enabled ? 1U : 0U) + (server.agent_check.port != 0 ? 1U : 0U);
  }
  needs.pipes_per_lane = model.global.tune.pipes_max;
  return needs;
}

std::optional<Failure> plan_descriptors(const DescriptorNeeds& needs, std::uint32_t max_connections,
                                        std::uint64_t descriptor_limit, DescriptorPlan& plan) {
  plan.limit = descriptor_limit;
  plan.fixed = fixed_descriptors(needs);
  plan.derived = max_connections == 0;
  if (descriptor_limit < plan.fixed + descriptors_per_connection) {
    return too_few_for_anything(plan.fixed, descriptor_limit);
  }
  const std::uint64_t left = descriptor_limit - plan.fixed;
  const std::uint64_t pipes_wanted = needs.lanes * needs.pipes_per_lane * descriptors_per_pipe;
  std::uint64_t for_pipes = 0;
  if (plan.derived) {
    for_pipes = std::min(pipes_wanted, left / pipes_share_divisor);
    plan.connections = static_cast<std::uint32_t>(
        std::min<std::uint64_t>((left - for_pipes) / descriptors_per_connection, connections_derived_max));
  } else {
    const std::uint64_t for_connections = max_connections * descriptors_per_connection;
    if (for_connections > left) return too_few_for_connections(max_connections, plan.fixed, descriptor_limit);
    for_pipes = std::min(pipes_wanted, left - for_connections);
    plan.connections = max_connections;
  }
  plan.pipes_per_lane = static_cast<std::uint32_t>(for_pipes / descriptors_per_pipe / needs.lanes);
  return std::nullopt;
}

std::uint32_t derived_buffers_max(std::uint32_t connections, std::uint32_t buffer_bytes,
                                  std::uint64_t memory_bytes) {
  const std::uint64_t fitting = memory_bytes / 2 / std::max(buffer_bytes, 1U);
  return std::max(buffers_min, static_cast<std::uint32_t>(std::min<std::uint64_t>(connections, fitting)));
}

std::uint32_t derived_buffers_reserved(std::uint32_t connections, std::uint32_t buffer_bytes,
                                       std::uint64_t memory_bytes) {
  const std::uint64_t fitting = memory_bytes / 2 / std::max(buffer_bytes, 1U) / 4;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(2 * std::uint64_t{connections}, fitting));
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  // Refused only where the hard limit lies above fs.nr_open; the soft limit then stays in force.
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return before;
  return limit.rlim_cur;
}

std::uint64_t machine_memory_bytes() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace corelane::runtime
