// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "stats/counter_rows.hpp"

/// Sums over lanes, made by the reader while lanes go on counting: each counter is read once, at its own
/// moment.
namespace corelane::stats {

/// One value per row of the group's table, in the table's order.
template <class Group>
struct Sums {
  std::array<std::uint64_t, counters_in<Group>> values{};
};

using Lanes = std::span<const LaneBlock* const>;

Sums<LaneCounters> sum_lanes(Lanes lanes);
Sums<FrontendCounters> sum_frontend(Lanes lanes, std::size_t frontend);
Sums<TlsCounters> sum_tls(Lanes lanes, std::size_t frontend);
Sums<BackendCounters> sum_backend(Lanes lanes, std::size_t backend);
Sums<SourceCounters> sum_source(Lanes lanes, std::size_t source);
Sums<ServerCounters> sum_server(Lanes lanes, std::size_t backend, std::size_t server);

}  // namespace corelane::stats
