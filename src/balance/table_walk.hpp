// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "balance/candidate.hpp"

/// What the algorithms that keep a table (ServerMap or Ring) have in common: they look for a server from one
/// of its places on, around the end.
namespace corelane::balance {

inline constexpr std::size_t no_place = SIZE_MAX;

/// The first place from `start` on whose server fits, or no_place. The table has places.
template <class Table, class Fits>
std::size_t walk(const Table& table, std::size_t servers, std::size_t start, Fits fits) {
  if (fits(table.server(start))) return start;
  // A table may have many more places than there are servers: a walk in vain is not begun.
  std::size_t index = 0;
  while (index < servers && !fits(index)) ++index;
  if (index == servers) return no_place;
  for (std::size_t step = 1; step < table.size(); ++step) {
    const std::size_t place = (start + step) % table.size();
    if (fits(table.server(place))) return place;
  }
  return no_place;
}

/// Place after place takes its turn. Lanes begin evenly spread over the table; State::cursor counts from
/// there.
template <class Table>
std::uint32_t next_in_turn(State& state, const Table& table, std::span<const ServerView> servers,
                           const PickInput& input) {
  const std::size_t size = table.size();
  if (size == 0) return no_server;
  const std::size_t offset = size * state.lane / (state.lanes == 0 ? 1 : state.lanes);
  const std::size_t place = walk(table, servers.size(), (state.cursor + offset) % size,
                                 [&](std::size_t index) { return candidate(servers, index, input); });
  if (place == no_place) return last_resort(servers, input);
  state.cursor = static_cast<std::uint32_t>((place + 1 + size - offset) % size);
  return table.server(place);
}

}  // namespace corelane::balance
