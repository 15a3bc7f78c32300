// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "config/model.hpp"
#include "runtime/exit_status.hpp"

namespace corelane::runtime {

/// A connection holds the client's socket and the server's.
inline constexpr std::uint64_t descriptors_per_connection = 2;
inline constexpr std::uint64_t descriptors_per_pipe = 2;
/// Ring, wake-up eventfd, and room for the socket pair of the feature probe.
inline constexpr std::uint64_t descriptors_per_lane = 4;
/// Standard streams, control ring, its eventfd, signalfd, files the resolver opens, and spare ones.
inline constexpr std::uint64_t descriptors_of_process = 32;
/// Connections to the admin address; more wait in the kernel's backlog.
inline constexpr std::uint64_t descriptors_of_admin_connections = 64;
/// Pipes make bulk flows cheaper but no flow needs one, so a derived limit gives them at most this share.
inline constexpr std::uint64_t pipes_share_divisor = 4;
/// What is derived when the system allows very many descriptors; whoever wants more writes it down.
inline constexpr std::uint32_t connections_derived_max = 262'144;

/// What the configuration asks of the process's descriptors, beside connections and pipes.
struct DescriptorNeeds {
  std::uint64_t lanes = 1;
  std::uint64_t listeners = 0;  // sockets, over all lanes
  std::uint64_t admin_listeners = 0;
  std::uint64_t logs = 0;
  std::uint64_t checked_servers = 0;  // each may have one check under way
  std::uint64_t pipes_per_lane = 0;   // wanted
};

DescriptorNeeds descriptor_needs(const config::Model& model, std::uint32_t lanes);

/// How the descriptors are spent.
struct DescriptorPlan {
  std::uint64_t limit = 0;           // RLIMIT_NOFILE
  std::uint64_t fixed = 0;           // everything but connections and pipes
  std::uint32_t connections = 0;     // the process's connection limit
  std::uint32_t pipes_per_lane = 0;  // at most what was wanted
  bool derived = false;              // the limit follows from RLIMIT_NOFILE, the configuration names none
};

/// Plans with `descriptor_limit`; `max_connections` 0 derives the connection limit. A failure says what is
/// short and the command that mends it.
std::optional<Failure> plan_descriptors(const DescriptorNeeds& needs, std::uint32_t max_connections,
                                        std::uint64_t descriptor_limit, DescriptorPlan& plan);

/// Buffers of one lane when the configuration names no number: one for each connection, so that the kernel
/// never lacks one for want of address space. Memory is touched only as buffers come into use, but a block
/// that is larger than half of the machine's memory might not even be reserved.
std::uint32_t derived_buffers_max(std::uint32_t connections, std::uint32_t buffer_bytes,
                                  std::uint64_t memory_bytes);

/// Buffers beyond those, where HTTP is spoken: one for each direction of each connection, so that none waits
/// for what others hold. Bounded by a quarter of what half of the memory has room for.
std::uint32_t derived_buffers_reserved(std::uint32_t connections, std::uint32_t buffer_bytes,
                                       std::uint64_t memory_bytes);

/// Raises the soft RLIMIT_NOFILE to the hard one and gives back what is in force.
std::uint64_t raise_descriptor_limit();

/// Bytes of memory that the machine has.
std::uint64_t machine_memory_bytes();

}  // namespace corelane::runtime
