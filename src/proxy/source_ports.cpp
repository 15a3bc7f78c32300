// SPDX-License-Identifier: Apache-2.0
#include "proxy/source_ports.hpp"

#include <algorithm>

namespace corelane::proxy {

namespace {
constexpr std::uint32_t ports_tried_max = 8;
}  // namespace

PortSlice port_slice(const config::SourceAddress& address, std::uint32_t lane, std::uint32_t lanes) {
  const std::uint32_t ports = address.port_count();
  const std::uint32_t begin = ports * lane / lanes;
  const std::uint32_t end = ports * (lane + 1) / lanes;
  return {.first = address.port_first + begin, .count = end - begin};
}

PortRing::PortRing(PortSlice slice, std::uint64_t start)
    : slice_(slice),
      start_(slice.count == 0 ? 0 : static_cast<std::uint32_t>(start % slice.count)),
      ring_(new std::uint16_t[slice.count]) {}

std::uint16_t PortRing::take() noexcept {
  if (used_ < slice_.count) {
    std::uint32_t offset = start_ + used_++;
    if (offset >= slice_.count) offset -= slice_.count;
    return static_cast<std::uint16_t>(slice_.first + offset);
  }
  if (returned_ == 0) return 0;
  --returned_;
  const std::uint16_t port = ring_[oldest_];
  if (++oldest_ == slice_.count) oldest_ = 0;
  return port;
}

void PortRing::give_back(std::uint16_t port) noexcept {
  std::uint32_t place = oldest_ + returned_++;
  if (place >= slice_.count) place -= slice_.count;
  ring_[place] = port;
}

SourcePorts::SourcePorts(const Topology& topology, std::uint32_t lane, std::uint32_t lanes,
                         std::uint64_t seed, stats::LaneBlock& counters)
    : topology_(topology), counters_(counters) {
  pools_.reserve(topology.source_pools().size());
  for (const SourcePool& pool : topology.source_pools()) {
    pools_.emplace_back(port_slice(*pool.address, lane, lanes), seed);
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
    const bool ranged = topology_.source_pools()[source.pool].address->has_ports();
    if (ranged) source.port = pool.ports.take();
    if (ranged && source.port == 0) continue;
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

io::SocketAddress SourcePorts::address(const SourcePort& source) const {
  base::Endpoint endpoint = topology_.source_pools()[source.pool].address->endpoint;
  endpoint.port = source.port;
  return io::SocketAddress::from_endpoint(endpoint);
}

std::uint32_t SourcePorts::tries_max(const Server& server) const noexcept {
  const auto addresses = static_cast<std::uint32_t>(server.source_pools.size());
  const bool any_range =
      std::any_of(server.source_pools.begin(), server.source_pools.end(),
                  [this](std::uint32_t pool) { return topology_.source_pools()[pool].address->has_ports(); });
  return any_range ? std::max(addresses, ports_tried_max) : addresses;
}

}  // namespace corelane::proxy
