// SPDX-License-Identifier: Apache-2.0
#include "runtime/system_ports.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <vector>

#include "io/socket.hpp"

namespace corelane::runtime {

namespace {

constexpr std::uint32_t ports_per_lane_min = 256;
constexpr std::uint64_t port_max = 65'535;

/// "9000-9010" or "8080".
std::optional<PortRange> range_from_text(std::string_view text) {
  const char* end = text.data() + text.size();
  PortRange range;
  const auto first = std::from_chars(text.data(), end, range.first);
  if (first.ec != std::errc{}) return std::nullopt;
  range.second = range.first;
  if (first.ptr != end && *first.ptr == '-') std::from_chars(first.ptr + 1, end, range.second);
  return range;
}

std::vector<PortRange> sorted_ranges(std::string_view list) {
  std::vector<PortRange> ranges;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (const auto range = range_from_text(list.substr(0, comma))) ranges.push_back(*range);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

}  // namespace

std::optional<PortRange> system_port_range() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  PortRange range;
  if (!(file >> range.first >> range.second)) return std::nullopt;
  return range;
}

bool system_ports_can_be_asked_for() {
  const io::Descriptor socket = io::socket_open_stream(base::Family::ipv4, {});
  if (socket < 0) return false;
  const bool possible = io::socket_ask_for_port(socket, port_max) == 0;
  ::close(socket);
  return possible;
}

proxy::PortRuns ports_without(PortRange range, std::string_view reserved) {
  proxy::PortRuns runs;
  const auto add = [&runs](std::uint64_t first, std::uint64_t end) {
    if (first < end)
      runs.push_back(
          {.first = static_cast<std::uint32_t>(first), .count = static_cast<std::uint32_t>(end - first)});
  };
  const std::uint64_t end = std::min(range.second, port_max) + 1;
  std::uint64_t next = std::max<std::uint64_t>(range.first, 1);
  for (const auto& [first, last] : sorted_ranges(reserved)) {
    add(next, std::min(first, end));
    next = std::max(next, last + 1);
  }
  add(next, end);
  return runs;
}

proxy::PortRuns system_ports_for_lanes(std::uint32_t lanes) {
  const std::optional<PortRange> range = system_port_range();
  if (!range || !system_ports_can_be_asked_for()) return {};
  std::ifstream file("/proc/sys/net/ipv4/ip_local_reserved_ports");
  std::string reserved;
  std::getline(file, reserved);
  proxy::PortRuns ports = ports_without(*range, reserved);
  if (proxy::port_count(ports) / lanes < ports_per_lane_min) return {};
  return ports;
}

}  // namespace corelane::runtime
