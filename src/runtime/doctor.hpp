// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/model.hpp"

namespace corelane::runtime {

/// A limit of the system that is not set.
inline constexpr std::uint64_t unlimited = UINT64_MAX;

/// What `corelane doctor` looks at. Empty: the system does not say.
struct DoctorFacts {
  std::string kernel_release;
  std::string ring_features;  // when a ring could be made
  std::string ring_failure;   // when not: why, and what mends it
  std::uint64_t memlock_bytes = unlimited;
  std::uint64_t descriptors_soft = 0;
  std::uint64_t descriptors_hard = 0;
  std::optional<std::uint64_t> somaxconn;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> ports;  // net.ipv4.ip_local_port_range
  bool ports_can_be_asked_for = true;                            // Linux 6.3: IP_LOCAL_PORT_RANGE
  std::optional<std::uint64_t> tcp_tw_reuse;
  std::optional<std::uint64_t> conntrack_max;    // only where connections are tracked
  std::optional<std::uint64_t> conntrack_count;  // tracked now
  std::optional<std::uint64_t> pipe_bytes_max;
  std::optional<std::uint64_t> pipe_user_pages_soft;  // 0: no limit
  bool pipe_limits_apply = true;                      // not to a process with CAP_SYS_RESOURCE
  bool transparent_allowed = true;                    // IP_TRANSPARENT
  bool mark_allowed = true;                           // SO_MARK
  std::uint64_t page_bytes = 4096;
  std::uint32_t cpus = 1;  // allowed to the process
  double cgroup_cpus = 0;  // the control group's quota; 0: none
};

/// What a configuration asks of the system, or the defaults when doctor was given none.
struct DoctorWishes {
  std::string file;  // empty: none was given
  std::uint32_t lanes = 1;
  std::uint32_t connections = 0;       // the limit that a start would have here
  std::string connections_failure;     // why it would not start here
  std::uint64_t server_addresses = 1;  // each has a range of local ports of its own
  std::uint32_t backlog = 0;           // the longest queue of new connections that a bind asks for
  bool all_have_source_ports = false;  // every server has source addresses with ranges of ports
  bool source_without_ports = false;   // some source address has no range
  std::uint64_t pipe_bytes = 0;        // 0: no splicing
  std::uint64_t pipes = 0;             // over all lanes
  bool transparent = false;            // a bind or a source is transparent
  bool mark = false;                   // a bind or a source has a mark
};

/// The wishes of a configuration, and those of a start without one.
DoctorWishes doctor_wishes(const config::Model& model, const std::string& file, const DoctorFacts& facts);
DoctorWishes doctor_wishes(const DoctorFacts& facts);

enum class Verdict : std::uint8_t {
  ok,
  hint,    // works, and the advice makes it better
  lacking  // too little to run, or to do what the configuration asks
};

struct Finding {
  std::string_view subject;
  Verdict verdict = Verdict::ok;
  std::string value;
  std::string advice;  // the command that mends it
};

/// Pure: every verdict of the doctor.
std::vector<Finding> doctor_findings(const DoctorFacts& facts, const DoctorWishes& wishes);
bool doctor_all_well(const std::vector<Finding>& findings);

std::string doctor_text(const std::vector<Finding>& findings);
std::string doctor_json(const std::vector<Finding>& findings);

/// Asks the system. Tries to make a ring.
DoctorFacts doctor_facts();

}  // namespace corelane::runtime
