// SPDX-License-Identifier: Apache-2.0
#include "runtime/cpus.hpp"

#include <pthread.h>
#include <sched.h>

namespace corelane::runtime {

std::vector<std::uint32_t> cpus_allowed() {
  std::vector<std::uint32_t> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

std::uint32_t lane_count(std::uint32_t reactors, std::uint32_t cpus) {
  return reactors != 0 ? reactors : cpus;
}

bool pin_this_thread(std::uint32_t cpu) {
  if (cpu >= CPU_SETSIZE) return false;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

void name_this_thread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

}  // namespace corelane::runtime
