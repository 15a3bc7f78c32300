// SPDX-License-Identifier: Apache-2.0
#include "proxy/source_ports.hpp"

#include <algorithm>
#include <utility>

namespace corelane::proxy {

namespace {
constexpr std::uint32_t ports_tried_max = 8;
}  // namespace

PortRing::PortRing(PortRuns ports, std::uint64_t start)
    : ports_(std::move(ports)),
      count_(port_count(ports_)),
      start_(count_ == 0 ? 0 : static_cast<std::uint32_t>(start % count_)),
      ring_(new std::uint16_t[count_]) {}

std::uint16_t PortRing::port_at(std::uint32_t position) const noexcept {
  for (const PortRun& run : ports_) {
    if (position < run.count) return static_cast<std::uint16_t>(run.first + position);
    position -= run.count;
  }
  return 0;
}

std::uint16_t PortRing::take() noexcept {
  if (used_ < count_) {
    std::uint32_t position = start_ + used_++;
    if (position >= count_) position -= count_;
    return port_at(position);
  }
  if (returned_ == 0) return 0;
  --returned_;
  const std::uint16_t port = ring_[oldest_];
  if (++oldest_ == count_) oldest_ = 0;
  return port;
}

void PortRing::give_back(std::uint16_t port) noexcept {
  std::uint32_t place = oldest_ + returned_++;
  if (place >= count_) place -= count_;
  ring_[place] = port;
}

SourcePorts::SourcePorts(const Topology& topology, const PortRuns& system_ports, LanePlace place,
                         std::uint64_t seed, stats::LaneBlock& counters)
    : topology_(topology), counters_(counters) {
  pools_.reserve(topology.source_pools().size());
  for (const SourcePool& pool : topology.source_pools()) {
    const PortRuns ports = pool.address->has_ports()
                               ? PortRuns{{pool.address->port_first, pool.address->port_count()}}
                               : system_ports;
    pools_.push_back({.ports = PortRing(ports_of_lane(ports, place.lane, place.lanes), seed)});
    counters.source(pools_.size() - 1).ports_left.set(pools_.back().ports.left());
  }
}

SourcePort SourcePorts::take(const Server& server) noexcept {
  const std::vector<std::uint32_t>& choices = server.source_pools;
  std::uint32_t& next = pools_[choices.front()].next;
  for (std::size_t tried = 0; tried < choices.size(); ++tried) {
    if (next >= choices.size()) next = 0;
    SourcePort source{.pool = choices[next++]};
    Pool& pool = pools_[source.pool];
    source.port = pool.ports.take();
    if (pool.ports.any() && source.port == 0) continue;
    stats::SourceCounters& counters = counters_.source(source.pool);
    counters.ports_in_use.add();
    counters.ports_left.set(pool.ports.left());
    return source;
  }
  return {};
}

void SourcePorts::give_back(const SourcePort& source) noexcept {
  Pool& pool = pools_[source.pool];
  if (source.port != 0) pool.ports.give_back(source.port);
  stats::SourceCounters& counters = counters_.source(source.pool);
  counters.ports_in_use.subtract();
  counters.ports_left.set(pool.ports.left());
}

// A port of the configuration's is bound to: Linux then takes it out of TIME_WAIT where time stamps make that
// safe. One of the system's is asked for, so that nobody else is kept from it towards other destinations.
int SourcePorts::bind(io::Descriptor socket, const SourcePort& source) const noexcept {
  const config::SourceAddress& address = *topology_.source_pools()[source.pool].address;
  base::Endpoint endpoint = address.endpoint;
  if (address.has_ports()) {
    endpoint.port = source.port;
  } else if (source.port != 0) {
    if (const int error = io::socket_ask_for_port(socket, source.port)) return error;
  }
  return io::socket_bind_source(socket, io::SocketAddress::from_endpoint(endpoint));
}

std::uint32_t SourcePorts::tries_max(const Server& server) const noexcept {
  const auto addresses = static_cast<std::uint32_t>(server.source_pools.size());
  const bool any_ports = std::any_of(server.source_pools.begin(), server.source_pools.end(),
                                     [this](std::uint32_t pool) { return pools_[pool].ports.any(); });
  return any_ports ? std::max(addresses, ports_tried_max) : addresses;
}

}  // namespace corelane::proxy
