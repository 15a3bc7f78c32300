// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace corelane::runtime {

/// The CPUs that this process may run on, lowest first. Never empty.
std::vector<std::uint32_t> cpus_allowed();

/// Lanes of a process: what the configuration says, or one per allowed CPU.
std::uint32_t lane_count(std::uint32_t reactors, std::uint32_t cpus);

/// Ties the calling thread to one CPU. False when the system refuses.
bool pin_this_thread(std::uint32_t cpu);

/// What `top` and `ps -L` show; at most 15 characters.
void name_this_thread(const char* name);

}  // namespace corelane::runtime
