// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>

#include "io/ring.hpp"
#include "io/socket_options.hpp"
#include "runtime/cpus.hpp"
#include "runtime/doctor.hpp"
#include "runtime/system_ports.hpp"

namespace corelane::runtime {

namespace {

// <linux/capability.h>
constexpr unsigned capability_sys_resource = 24;

std::optional<std::uint64_t> number_in_file(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (!(file >> value)) return std::nullopt;
  return value;
}

std::uint64_t limit_value(rlim_t limit) {
  return limit == RLIM_INFINITY ? unlimited : limit;
}

bool has_capability(unsigned number) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("CapEff:", 0) != 0) continue;
    const std::uint64_t mask = std::stoull(line.substr(7), nullptr, 16);
    return ((mask >> number) & 1U) != 0;
  }
  return false;
}

/// CPUs that one control group's cpu.max grants; 0 without a quota.
double quota_of(const std::string& directory) {
  std::ifstream file(directory + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::stod(quota) / period;
}

/// The smallest quota on the way from the process's control group to the root (version 2 of control groups).
double control_group_cpus() {
  std::ifstream membership("/proc/self/cgroup");
  std::string line;
  std::string group;
  while (std::getline(membership, line)) {
    if (line.rfind("0::", 0) == 0) group = line.substr(3);
  }
  double smallest = 0;
  while (true) {
    const double quota = quota_of("/sys/fs/cgroup" + group);
    if (quota > 0) smallest = smallest > 0 ? std::min(smallest, quota) : quota;
    const std::size_t slash = group.rfind('/');
    if (group.empty() || slash == std::string::npos) return smallest;
    group.resize(slash);
  }
}

bool option_allowed(const io::SocketOptions& options) {
  const io::Descriptor socket = io::socket_open_stream(base::Family::ipv4, {});
  if (socket < 0) return true;  // no IPv4: nothing is known
  const int error = io::socket_set_options(socket, base::Family::ipv4, options).error_number;
  ::close(socket);
  return error == 0;
}

void ring_facts(DoctorFacts& facts) {
  const io::RingOptions small{.submission_entries = 8,
                              .completion_entries = 16,
                              .buffer_size = 4096,
                              .buffers_max = 8,
                              .buffers_offered_min = 8,
                              .buffers_offered_max = 8};
  const std::unique_ptr<io::Ring> ring = io::Ring::create(small, facts.ring_failure);
  if (ring != nullptr) facts.ring_features = ring->features().text();
}

}  // namespace

DoctorFacts doctor_facts() {
  DoctorFacts facts;
  utsname names{};
  ::uname(&names);
  facts.kernel_release = names.release;
  ring_facts(facts);
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) facts.memlock_bytes = limit_value(limit.rlim_cur);
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    facts.descriptors_soft = limit_value(limit.rlim_cur);
    facts.descriptors_hard = limit_value(limit.rlim_max);
  }
  facts.somaxconn = number_in_file("/proc/sys/net/core/somaxconn");
  facts.ports = system_port_range();
  facts.ports_can_be_asked_for = system_ports_can_be_asked_for();
  facts.tcp_tw_reuse = number_in_file("/proc/sys/net/ipv4/tcp_tw_reuse");
  facts.conntrack_max = number_in_file("/proc/sys/net/netfilter/nf_conntrack_max");
  facts.conntrack_count = number_in_file("/proc/sys/net/netfilter/nf_conntrack_count");
  facts.pipe_bytes_max = number_in_file("/proc/sys/fs/pipe-max-size");
  facts.pipe_user_pages_soft = number_in_file("/proc/sys/fs/pipe-user-pages-soft");
  facts.pipe_limits_apply = !has_capability(capability_sys_resource);
  facts.transparent_allowed = option_allowed({.transparent = true});
  facts.mark_allowed = option_allowed({.mark = 1});
  facts.page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  facts.cpus = static_cast<std::uint32_t>(cpus_allowed().size());
  facts.cgroup_cpus = control_group_cpus();
  return facts;
}

}  // namespace corelane::runtime
