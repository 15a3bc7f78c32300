// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "stats/counters.hpp"

namespace corelane::stats {

/// The tables that name each counter: JSON keys and the manual come from them.
template <class Group>
struct CounterRow {
  std::string_view name;
  Counter Group::*counter;
  bool gauge;  // a present value, not a total
  std::string_view help;
  bool http_only = false;  // 0 for ever in mode tcp
};
/// Every counter of a group has a row, in the group's order.
template <class Group>
inline constexpr std::size_t counters_in = sizeof(Group) / sizeof(Counter);

std::span<const CounterRow<FrontendCounters>> frontend_rows();
std::span<const CounterRow<TlsCounters>> tls_rows();
std::span<const CounterRow<BackendCounters>> backend_rows();
std::span<const CounterRow<ServerCounters>> server_rows();
std::span<const CounterRow<SourceCounters>> source_rows();
std::span<const CounterRow<LaneCounters>> lane_rows();

}  // namespace corelane::stats
