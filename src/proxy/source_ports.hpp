// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "io/socket.hpp"
#include "proxy/peer.hpp"
#include "proxy/port_runs.hpp"
#include "proxy/topology.hpp"
#include "stats/counters.hpp"

namespace corelane::proxy {

/// Free ports of one lane. Those never used come first, then the one that was returned longest ago: a closed
/// connection's last packets, or its TIME_WAIT, are then as old as they can be. Both calls take constant
/// time; memory is reserved when it is made and touched only as far as ports are used.
class PortRing {
 public:
  /// Begins at the port `start % count`, so that a restarted process does not begin with the ports of the
  /// last one.
  PortRing(PortRuns ports, std::uint64_t start);

  /// 0: none is left.
  std::uint16_t take() noexcept;
  void give_back(std::uint16_t port) noexcept;
  std::uint32_t left() const noexcept { return count_ - used_ + returned_; }
  bool any() const noexcept { return count_ != 0; }

 private:
  std::uint16_t port_at(std::uint32_t position) const noexcept;

  PortRuns ports_;
  std::uint32_t count_;
  std::uint32_t start_ = 0;
  std::uint32_t used_ = 0;      // ports that were ever taken
  std::uint32_t returned_ = 0;  // of them, those that wait in the ring
  std::uint32_t oldest_ = 0;    // where in the ring
  std::unique_ptr<std::uint16_t[]> ring_;
};

/// Which lane of how many.
struct LanePlace {
  std::uint32_t lane = 0;
  std::uint32_t lanes = 1;
};

/// One lane's source addresses and ports towards every server that has any.
class SourcePorts {
 public:
  /// `system_ports` are for addresses without a range of their own; where there are none the kernel chooses.
  SourcePorts(const Topology& topology, const PortRuns& system_ports, LanePlace place, std::uint64_t seed,
              stats::LaneBlock& counters);

  /// The server's next source address that has a port left. Not taken: none has.
  SourcePort take(const Server& server) noexcept;
  void give_back(const SourcePort& source) noexcept;
  /// The kernel says that it is in use by somebody else; to be given back nevertheless.
  void count_refused(const SourcePort& source) noexcept { counters_.source(source.pool).ports_refused.add(); }

  /// Makes a new socket connect from there. 0 or -errno; that the port is in use may come out only when it
  /// connects (EADDRNOTAVAIL).
  int bind(io::Descriptor socket, const SourcePort& source) const noexcept;
  /// How many a connection may try before it counts as failed: enough to find a free one among a few that
  /// are not, and every address once.
  std::uint32_t tries_max(const Server& server) const noexcept;

 private:
  struct Pool {
    PortRing ports;          // empty: the kernel chooses
    std::uint32_t next = 0;  // in the first pool of a server: the address whose turn it is
  };

  const Topology& topology_;
  stats::LaneBlock& counters_;
  std::vector<Pool> pools_;
};

}  // namespace corelane::proxy
