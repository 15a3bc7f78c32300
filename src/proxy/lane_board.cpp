// SPDX-License-Identifier: Apache-2.0
#include "proxy/lane_board.hpp"

namespace corelane::proxy {

std::uint32_t LaneBoard::load(std::uint32_t lane) const noexcept {
  const Box& box = boxes_[lane];
  const std::uint32_t coming = box.coming.load(std::memory_order_relaxed);
  return coming == closed ? closed_load : coming + box.carried.load(std::memory_order_relaxed);
}

bool LaneBoard::reserve(std::uint32_t lane, std::uint32_t below) noexcept {
  Box& box = boxes_[lane];
  std::uint32_t coming = box.coming.load(std::memory_order_relaxed);
  do {
    if (coming >= clients_coming_max) return false;  // or closed
    if (coming + box.carried.load(std::memory_order_relaxed) >= below) return false;
    // Acquires what the lane did with the place before it gave it back.
  } while (!box.coming.compare_exchange_weak(coming, coming + 1, std::memory_order_acquire,
                                             std::memory_order_relaxed));
  return true;
}

// There are as many places as reservations, so the one at this position is empty.
void LaneBoard::put(std::uint32_t lane, const AcceptedClient& client) noexcept {
  Box& box = boxes_[lane];
  const std::uint64_t position = box.puts.fetch_add(1, std::memory_order_relaxed);
  Place& place = box.places[position % clients_coming_max];
  place.client = client;
  place.filled.store(position + 1, std::memory_order_release);
}

void LaneBoard::publish(std::uint32_t lane, std::uint32_t carried) noexcept {
  boxes_[lane].carried.store(carried, std::memory_order_relaxed);
}

bool LaneBoard::take(std::uint32_t lane, AcceptedClient& client) noexcept {
  Box& box = boxes_[lane];
  const Place& place = box.places[box.takes % clients_coming_max];
  if (place.filled.load(std::memory_order_acquire) != box.takes + 1) return false;
  client = place.client;
  ++box.takes;
  return true;
}

void LaneBoard::give_back_place(std::uint32_t lane) noexcept {
  boxes_[lane].coming.fetch_sub(1, std::memory_order_release);
}

bool LaneBoard::close(std::uint32_t lane) noexcept {
  std::uint32_t coming = 0;
  return boxes_[lane].coming.compare_exchange_strong(coming, closed, std::memory_order_relaxed) ||
         coming == closed;
}

}  // namespace corelane::proxy
