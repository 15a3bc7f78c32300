// SPDX-License-Identifier: Apache-2.0
#include "proxy/live_state.hpp"

#include <algorithm>

#include "io/socket_options.hpp"
#include "proto/proxy_header.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/stream.hpp"
#include "proxy/stream_faults.hpp"

namespace corelane::proxy {

namespace {

/// The lanes' sum of the connections that there are in a group of counters.
template <class Group>
std::uint64_t connections(const LaneShared& shared, Group group_of) {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : shared.blocks) sum += group_of(*block).connections_current.get();
  return sum;
}

}  // namespace

ProcessState::ProcessState(LaneState& lane, const Session& session, const ServerConnection* server,
                           const RuledStream& ruled)
    : lane_(lane), shared_(lane.shared), session_(session), server_(server), now_(lane.now), ruled_(ruled) {}

base::Endpoint ProcessState::destination() const noexcept {
  return session_.own_endpoint();
}

// What a PROXY header said is known as long as the header is kept, or nobody has set anything else.
base::Endpoint ProcessState::connection_source() const noexcept {
  if (!session_.stream->began_with_proxy_header()) return io::socket_peer(session_.socket);
  const std::string_view text = session_.stream->proxy_header_text();
  return text.empty() ? session_.endpoint : proto::read_proxy_header(text).header.source;
}

base::Endpoint ProcessState::connection_destination() const noexcept {
  if (!session_.stream->began_with_proxy_header()) return io::socket_local(session_.socket);
  const std::string_view text = session_.stream->proxy_header_text();
  return text.empty() ? session_.own_endpoint() : proto::read_proxy_header(text).header.destination;
}

base::Endpoint ProcessState::server_source() const noexcept {
  return server_ == nullptr ? base::Endpoint{} : io::socket_local(server_->socket);
}

base::Endpoint ProcessState::server_destination() const noexcept {
  if (server_ == nullptr) return {};
  const base::Endpoint configured =
      server_->address == nullptr ? base::Endpoint{} : server_->address->endpoint();
  return configured.family != base::Family::none ? configured : io::socket_peer(server_->socket);
}

std::uint64_t ProcessState::process_connections() const noexcept {
  return connections(
      shared_, [](const stats::LaneBlock& block) -> auto& { return block.lane(); });
}

std::uint64_t ProcessState::frontend_connections(std::uint32_t frontend) const noexcept {
  return connections(
      shared_, [=](const stats::LaneBlock& block) -> auto& { return block.frontend(frontend); });
}

std::uint64_t ProcessState::backend_connections(std::uint32_t backend) const noexcept {
  return connections(
      shared_, [=](const stats::LaneBlock& block) -> auto& { return block.backend(backend); });
}

std::uint64_t ProcessState::server_connections(std::uint32_t backend, std::uint32_t server) const noexcept {
  return connections(
      shared_, [=](const stats::LaneBlock& block) -> auto& { return block.server(backend, server); });
}

std::uint64_t ProcessState::backend_queue(std::uint32_t backend) const noexcept {
  const QueueBoard* board = shared_.topology.backends()[backend].queue_board.get();
  return board == nullptr ? 0 : board->waiting();
}

std::uint64_t ProcessState::server_queue(std::uint32_t backend, std::uint32_t server) const noexcept {
  const QueueBoard* board = shared_.topology.backends()[backend].queue_board.get();
  return board == nullptr ? 0 : board->waiting(server);
}

std::uint32_t ProcessState::servers_usable(std::uint32_t backend) const noexcept {
  const Backend& place = shared_.topology.backends()[backend];
  std::uint32_t active = 0;
  std::uint32_t backups = 0;
  for (const Server& server : place.servers) {
    if (usable(server)) ++(server.config->backup ? backups : active);
  }
  if (active != 0) return active;
  return place.config->all_backups ? backups : std::min(backups, 1U);
}

bool ProcessState::server_is_up(std::uint32_t backend, std::uint32_t server) const noexcept {
  const ServerState& state = *shared_.topology.backends()[backend].servers[server].state;
  return state.status.load(std::memory_order_relaxed) == ServerStatus::up;
}

std::optional<std::uint64_t> ProcessState::connection_slots(std::uint32_t backend) const noexcept {
  const std::vector<Server>& servers = shared_.topology.backends()[backend].servers;
  std::uint64_t slots = 0;
  for (std::uint32_t s = 0; s < servers.size(); ++s) {
    if (!server_is_up(backend, s)) continue;
    const std::uint64_t places = servers[s].state->connections_max.load(std::memory_order_relaxed);
    const std::uint64_t queue_places = servers[s].config->max_queue;
    if (places == 0 || queue_places == 0) return std::nullopt;
    slots += places - std::min(places, server_connections(backend, s));
    slots += queue_places - std::min(queue_places, server_queue(backend, s));
  }
  return slots;
}

// --- the client's connection

std::optional<sample::TcpMeasures> ProcessState::client_measures() const noexcept {
  io::TcpInfo info;
  if (!io::socket_tcp_info(session_.socket, info)) return std::nullopt;
  return sample::TcpMeasures{.rtt_us = info.rtt_us,
                             .rtt_variance_us = info.rtt_variance_us,
                             .unacked = info.unacked,
                             .sacked = info.sacked,
                             .lost = info.lost,
                             .retransmitted = info.retransmitted,
                             .forward_acked = info.forward_acked,
                             .reordering = info.reordering};
}

sample::ProxyFacts ProcessState::proxy_header() const noexcept {
  sample::ProxyFacts facts{
      .received = session_.stream->began_with_proxy_header(), .authority = {}, .unique_id = {}};
  const std::string_view text = session_.stream->proxy_header_text();
  if (text.empty()) return facts;
  const proto::ProxyHeader header = proto::read_proxy_header(text).header;
  facts.authority = header.authority;
  facts.unique_id = header.unique_id;
  return facts;
}

std::uint64_t ProcessState::bind_connections() const noexcept {
  return connections(
      shared_, [this](const stats::LaneBlock& block) -> auto& {
        return block.bind(session_.frontend, session_.bind);
      });
}

sample::ConnectionError ProcessState::client_error() const noexcept {
  return StreamFaults::of_client(*session_.stream);
}

std::optional<sample::ConnectionError> ProcessState::server_error() const noexcept {
  return StreamFaults::of_server(*session_.stream, server_);
}

bool ProcessState::is_local(const base::Endpoint& address) const noexcept {
  return io::address_is_local(address);
}

std::string_view ProcessState::bind_name() const noexcept {
  return shared_.topology.model().frontends[session_.frontend].bind[session_.bind].name;
}

// --- what the configuration says

std::string_view ProcessState::backend_name(std::uint32_t backend) const noexcept {
  return shared_.topology.model().backends[backend].name;
}

// Few names, and few expressions that ask for one.
std::optional<std::uint32_t> ProcessState::find_backend(std::string_view name) const noexcept {
  const std::vector<config::Backend>& backends = shared_.topology.model().backends;
  const auto found = std::find_if(backends.begin(), backends.end(),
                                  [name](const config::Backend& backend) { return backend.name == name; });
  if (found == backends.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - backends.begin());
}

std::optional<std::uint32_t> ProcessState::find_server(std::uint32_t backend,
                                                       std::string_view name) const noexcept {
  const std::vector<config::Server>& servers = shared_.topology.model().backends[backend].servers;
  const auto found = std::find_if(servers.begin(), servers.end(),
                                  [name](const config::Server& server) { return server.name == name; });
  if (found == servers.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - servers.begin());
}

std::optional<std::uint32_t> ProcessState::slot_bytes(bool of_response, std::uint32_t slot) const noexcept {
  return shared_.topology.capture_slots(session_.frontend).bytes_of(of_response, slot);
}

void ProcessState::show(std::string_view line, sample::Display display) const noexcept {
  logfmt::ConnectionRecord record;
  record.note = display == sample::Display::standard_output ? logfmt::Note::standard_output
                                                            : logfmt::Note::standard_error;
  lane_.write_log(record, line);
}

std::uint32_t ProcessState::server_id(std::uint32_t backend, std::uint32_t server) const noexcept {
  return shared_.topology.model().backends[backend].servers[server].id;
}

std::string_view ProcessState::server_name(std::uint32_t backend, std::uint32_t server) const noexcept {
  return shared_.topology.model().backends[backend].servers[server].name;
}

std::uint32_t ProcessState::frontends() const noexcept {
  return static_cast<std::uint32_t>(shared_.topology.model().frontends.size());
}

std::uint32_t ProcessState::default_backend(std::uint32_t frontend) const noexcept {
  return shared_.topology.model().frontends[frontend].default_backend;
}

std::int64_t ProcessState::client_timeout_ms(std::uint32_t frontend) const noexcept {
  return shared_.topology.model().frontends[frontend].timeouts.client_ms;
}

sample::BackendTimeouts ProcessState::backend_timeouts(std::uint32_t backend) const noexcept {
  const config::Timeouts& timeouts = shared_.topology.model().backends[backend].timeouts;
  return {.server_ms = timeouts.server_ms, .tunnel_ms = timeouts.tunnel_ms};
}

// --- what rules have made of it

sample::QueuePlace ProcessState::queue_place() const noexcept {
  return {.priority_class = ruled_.priority.level, .offset_ms = ruled_.priority.offset_ms};
}

sample::LastRule ProcessState::last_rule() const noexcept {
  return {.file = shared_.topology.model().file.text, .line = ruled_.last_rule_line};
}

// --- servers and rates

sample::Weights ProcessState::server_weights(std::uint32_t backend, std::uint32_t server) const noexcept {
  const Backend& place = shared_.topology.backends()[backend];
  const ServerState& state = *place.servers[server].state;
  const std::uint32_t set = state.weight.load(std::memory_order_relaxed);
  const std::uint32_t ramp =
      place.ramps_weights ? state.ramp.load(std::memory_order_relaxed) : std::uint32_t{balance::weight_fine};
  return {.effective = (set * ramp + balance::weight_fine - 1) / balance::weight_fine,
          .set = set,
          .initial = place.servers[server].config->weight};
}

std::optional<std::uint64_t> ProcessState::server_free(std::uint32_t backend,
                                                       std::uint32_t server) const noexcept {
  const ServerState& state = *shared_.topology.backends()[backend].servers[server].state;
  const std::uint64_t places = state.connections_max.load(std::memory_order_relaxed);
  if (places == 0) return std::nullopt;
  return places - std::min(places, server_connections(backend, server));
}

std::optional<std::uint64_t> ProcessState::backend_free(std::uint32_t backend) const noexcept {
  const Backend& place = shared_.topology.backends()[backend];
  const bool backups = std::none_of(place.servers.begin(), place.servers.end(), [](const Server& server) {
    return usable(server) && !server.config->backup;
  });
  std::uint64_t sum = 0;
  for (std::uint32_t server = 0; server < place.servers.size(); ++server) {
    if (!usable(place.servers[server]) || place.servers[server].config->backup != backups) continue;
    const auto free = server_free(backend, server);
    if (!free) return std::nullopt;
    sum += *free;
    if (backups && !place.config->all_backups) break;
  }
  return sum;
}

std::uint64_t ProcessState::frontend_session_rate(std::uint32_t frontend) const noexcept {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : shared_.blocks)
    sum += block->frontend_rates(frontend).sessions.per_second(now_);
  return sum;
}

std::uint64_t ProcessState::frontend_request_rate(std::uint32_t frontend) const noexcept {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : shared_.blocks)
    sum += block->frontend_rates(frontend).requests.per_second(now_);
  return sum;
}

std::uint64_t ProcessState::backend_session_rate(std::uint32_t backend) const noexcept {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : shared_.blocks) sum += block->backend_rate(backend).per_second(now_);
  return sum;
}

std::uint64_t ProcessState::server_session_rate(std::uint32_t backend, std::uint32_t server) const noexcept {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : shared_.blocks)
    sum += block->server_rate(backend, server).per_second(now_);
  return sum;
}

}  // namespace corelane::proxy
