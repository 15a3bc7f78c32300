// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "io/socket.hpp"
#include "proxy/peer.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"

namespace corelane::proxy {

/// The ports of a range that one lane may use. Slices of different lanes have no port in common.
struct PortSlice {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};
PortSlice port_slice(const config::SourceAddress& address, std::uint32_t lane, std::uint32_t lanes);

/// Free ports of a slice. Those never used come first, then the one that was returned longest ago: a closed
/// connection's last packets, or its TIME_WAIT, are then as old as they can be. Both calls take constant
/// time; memory is reserved when it is made and touched only as far as ports are used.
class PortRing {
 public:
  /// Begins at the port `start % count` of the slice, so that a restarted process does not begin with the
  /// ports of the last one.
  PortRing(PortSlice slice, std::uint64_t start);

  /// 0: none is left.
  std::uint16_t take() noexcept;
  void give_back(std::uint16_t port) noexcept;
  std::uint32_t left() const noexcept { return slice_.count - used_ + returned_; }

 private:
  PortSlice slice_;
  std::uint32_t start_ = 0;
  std::uint32_t used_ = 0;      // ports that were ever taken
  std::uint32_t returned_ = 0;  // of them, those that wait in the ring
  std::uint32_t oldest_ = 0;    // where in the ring
  std::unique_ptr<std::uint16_t[]> ring_;
};

/// One lane's source addresses and ports towards every server that has any.
class SourcePorts {
 public:
  SourcePorts(const Topology& topology, std::uint32_t lane, std::uint32_t lanes, std::uint64_t seed,
              stats::LaneBlock& counters);

  /// The server's next source address that has a port left. Not taken: none has.
  SourcePort take(const Server& server) noexcept;
  void give_back(const SourcePort& source) noexcept;
  /// The kernel says that it is in use by somebody else; to be given back nevertheless.
  void count_refused(const SourcePort& source) noexcept { counters_.source(source.pool).ports_refused.add(); }

  io::SocketAddress address(const SourcePort& source) const;
  /// How many a connection may try before it counts as failed: enough to find a free one among a few that
  /// are not, and every address once.
  std::uint32_t tries_max(const Server& server) const noexcept;

 private:
  struct Pool {
    explicit Pool(PortSlice slice, std::uint64_t start) : ports(slice, start) {}
    PortRing ports;
    std::uint32_t next = 0;  // in the first pool of a server: the address whose turn it is
  };

  const Topology& topology_;
  stats::LaneBlock& counters_;
  std::vector<Pool> pools_;
};

}  // namespace corelane::proxy
