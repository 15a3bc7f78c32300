// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_lane.hpp"

#include <algorithm>

namespace corelane::proxy {

namespace {
// Beside a buffer's bytes: what their records add.
constexpr std::uint32_t output_overhead_bytes = 2048;

// Servers' connections may be in use or idle.
std::uint32_t transports_for(bool binds, bool servers, std::uint32_t connections_max) {
  return (binds ? connections_max : 0) + (servers ? 2 * connections_max : 0);
}

}  // namespace

LaneTls::LaneTls(TlsBinds&& binds_in, TlsServers&& servers_in, TlsReplacement& replacement_in,
                 std::uint32_t connections_max, std::uint32_t buffer_size)
    : binds(std::move(binds_in)),
      replacement(replacement_in),
      servers(std::move(servers_in)),
      transports(transports_for(!binds.empty(), !servers.empty(), connections_max)),
      outputs(buffer_size + output_overhead_bytes, transports.capacity()),
      scratch(outputs.buffer_size()) {
  if (servers.empty()) return;
  server_faults.resize(connections_max);
  for (const std::vector<std::uint32_t>& backend : servers.of_server) {
    auto& of_backend = sessions.emplace_back();
    for (const std::uint32_t position : backend)
      of_backend.push_back(position == 0 ? nullptr : std::make_unique<ServerSessions>());
  }
}

// A server whom the session was begun with may be one that is not trusted any more.
bool LaneTls::take_replacement() {
  const std::unique_ptr<TlsContexts> before = replacement.take(binds, servers);
  if (before == nullptr || before->servers.empty()) return false;
  for (std::size_t b = 0; b < sessions.size(); ++b) {
    for (std::size_t s = 0; s < sessions[b].size(); ++s) {
      const std::uint32_t position = servers.of_server[b][s];
      if (position != 0 && before->servers[position - 1] != nullptr) sessions[b][s]->forget_all();
    }
  }
  return true;
}

io::BufferLease LaneTls::take_output() {
  const std::uint32_t slot = outputs.take();
  CORELANE_CHECK(slot != io::BufferPool::none);  // there is one for each transport
  return {&outputs, slot, outputs.buffer_size()};
}

void LaneTls::set_time(base::TimeUs wall_us) {
  const std::int64_t seconds = wall_us / 1'000'000;
  if (seconds == time_set) return;
  time_set = seconds;
  tls::set_time(seconds);
}

// Each gets its turn once; who has more to do then waits for the next one.
void LaneTls::run_ready() {
  base::List todo;
  todo.splice_back(ready);
  while (base::ListNode* node = todo.pop_front()) static_cast<TlsTransport*>(node)->advance();
}

bool binds_with_tls(const config::Model& model) {
  return std::ranges::any_of(model.frontends, [](const config::Frontend& frontend) {
    return std::ranges::any_of(frontend.bind, [](const config::Bind& bind) { return bind.tls.has_value(); });
  });
}

bool servers_with_tls(const config::Model& model) {
  return std::ranges::any_of(model.backends, [](const config::Backend& backend) {
    return std::ranges::any_of(backend.servers,
                               [](const config::Server& server) { return server.tls.has_value(); });
  });
}

}  // namespace corelane::proxy
